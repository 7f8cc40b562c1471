import { Command, Option } from 'commander'
import { replayLog } from '../app/evaluation/replay.ts'
import type { ReplayTally } from '../pap/replay/tally.ts'
import { EXIT } from './exit-code.ts'
import { jsonReplay, prettyReplay } from './format/replay-report.ts'
import { DEFAULT_POLICIES } from './package.ts'
import { jobsOption, openNamedVersion, toCount } from './policy-version.ts'
import { createProgressLine } from './progress.ts'
import { failWithFaults } from './report.ts'

const FORMATS = { pretty: prettyReplay, json: jsonReplay }

type Flags = {
  readonly policy: string
  readonly format: keyof typeof FORMATS
  readonly limit: number
  readonly jobs: number
}

export const replayCommand = (): Command =>
  new Command('replay')
    .description('Decide again what a decision log says was asked, and say what is decided otherwise')
    .argument('<log...>', 'files of a decision log, the oldest first; - is standard input')
    .option('--policy <policy>', 'a folder, a bundle.tar.gz, or a git revision such as main:policies', DEFAULT_POLICIES)
    .addOption(new Option('--format <format>', 'how to say it').choices(Object.keys(FORMATS)).default('pretty'))
    .addOption(new Option('--limit <number>', 'how many of a kind are named').argParser(toCount).default(20))
    .addOption(jobsOption())
    .addHelpText(
      'after',
      `
Examples:
  portcullis replay decisions.ndjson --policy bundle.tar.gz
  portcullis replay decisions.ndjson.2 decisions.ndjson.1 decisions.ndjson --policy main:policies
  portcullis replay - --format json < decisions.ndjson`,
    )
    .action(replay)

async function replay(files: readonly string[], { policy: name, format, limit, jobs }: Flags): Promise<void> {
  const policy = await openNamedVersion(name)
  if (policy === undefined) return
  const started = performance.now()
  const progress = createProgressLine(process.stderr, () => performance.now())
  const tally = await replayLog(files, policy, { named: limit, threads: jobs, onProgress: progress.show })
  progress.clear()
  if (!tally.ok) return failWithFaults('The log cannot be replayed:', tally.error)
  const seconds = (performance.now() - started) / 1000
  const { revision, sha256 } = policy.bundle
  process.stdout.write(FORMATS[format]({ tally: tally.value, files, policy: { revision, sha256 }, seconds }))
  process.exitCode = tally.value.different > 0 || isNoLog(tally.value) ? EXIT.finding : EXIT.ok
}

/** A pipeline that names the wrong file has compared nothing. */
const isNoLog = ({ decisions, damaged }: ReplayTally): boolean => decisions === 0 && damaged > 0
