import { relative } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { diffPolicies } from '../app/evaluation/diff.ts'
import { CHANGE_KINDS, type ChangeKind } from '../pap/diff/change.ts'
import { EXIT } from './exit-code.ts'
import {
  failedKinds,
  githubDiff,
  type Judged,
  jsonDiff,
  junitDiff,
  markdownDiff,
  prettyDiff,
} from './format/diff-report.ts'
import { jobsOption, openNamedVersion } from './policy-version.ts'
import { createProgressLine } from './progress.ts'
import { failWithFaults } from './report.ts'

const FORMATS: Readonly<Record<string, (judged: Judged, root: string) => string>> = {
  pretty: prettyDiff,
  json: jsonDiff,
  markdown: markdownDiff,
  github: githubDiff,
  junit: junitDiff,
}

/** Whatever lets more through than before. */
const DEFAULT_GATE: readonly ChangeKind[] = ['newly-allowed', 'limits-loosened', 'obligations-widened']

type Flags = {
  readonly log: readonly string[]
  readonly failOn: readonly ChangeKind[]
  readonly format: string
  readonly jobs: number
}

export const diffCommand = (): Command =>
  new Command('diff')
    .description('Say which requests a change of the policy would newly allow, deny, hide, or limit otherwise')
    .argument('<base>', 'policy before: a folder, a bundle.tar.gz, or a git revision such as main or main:policies')
    .argument('<head>', 'policy after, named likewise')
    .option('--log <files...>', 'also ask what these files of a decision log say was asked', [])
    .addOption(
      new Option(
        '--fail-on <classes>',
        `exit 1 on these classes, separated by commas, or none: ${CHANGE_KINDS.join(', ')}`,
      )
        .argParser(toKinds)
        .default(DEFAULT_GATE, DEFAULT_GATE.join(',')),
    )
    .addOption(new Option('--format <format>', 'how to say it').choices(Object.keys(FORMATS)).default('pretty'))
    .addOption(jobsOption())
    .addHelpText(
      'after',
      `
Examples:
  portcullis diff main policies
  portcullis diff main:policies HEAD:policies --fail-on newly-allowed --format markdown
  portcullis diff bundle.tar.gz policies --log decisions.ndjson.1 decisions.ndjson`,
    )
    .action(diff)

function toKinds(text: string): readonly ChangeKind[] {
  if (text === 'none') return []
  const names = text.split(',')
  const unknown = names.filter((name) => !CHANGE_KINDS.some((kind) => kind === name))
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no class ${unknown.join(', ')}.`)
  return CHANGE_KINDS.filter((kind) => names.includes(kind))
}

async function diff(baseName: string, headName: string, { log, failOn, format, jobs }: Flags): Promise<void> {
  const started = performance.now()
  const base = await openNamedVersion(baseName, headName)
  const head = base && (await openNamedVersion(headName, baseName))
  if (base === undefined || head === undefined) return
  const progress = createProgressLine(process.stderr, () => performance.now())
  const report = await diffPolicies(base, head, { log, threads: jobs, onProgress: progress.show })
  progress.clear()
  if (!report.ok) return failWithFaults(`${baseName} and ${headName} cannot be compared:`, report.error)
  const judged: Judged = { report: report.value, failOn, milliseconds: performance.now() - started }
  const write = FORMATS[format] ?? prettyDiff
  process.stdout.write(write(judged, relative(process.cwd(), headName)))
  process.exitCode = failedKinds(judged).length > 0 ? EXIT.finding : EXIT.ok
}
