import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { Command } from 'commander'
import { unfinishedCalls, workspaceFault } from '../app/inquiry/question.ts'
import { demoDecisionLog, demoStateDir, demoWorkspace } from '../demo/state.ts'
import { thrownText } from '../lib/thrown-text.ts'
import { EXIT } from './exit-code.ts'
import { findOpa } from './package.ts'
import { isReadableFile } from './readable-file.ts'

type Flags = { readonly log?: string; readonly workspace?: string }
type Check = { readonly state: 'ok' | 'finding' | 'missing'; readonly text: string }

const LISTED = 20

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Say what is missing on this machine, and what the decision log says of calls that never ended')
    .option('--log <file>', 'decision log to read; else that of the demo')
    .option('--workspace <dir>', 'folder that the file tools would work in; else that of the demo')
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis doctor\n  portcullis doctor --log /var/log/portcullis/decisions.ndjson',
    )
    .action(diagnose)

async function diagnose(flags: Flags): Promise<void> {
  const state = demoStateDir(process.env, homedir())
  const log = flags.log ?? demoDecisionLog(state)
  const workspace = flags.workspace ?? demoWorkspace(state)
  const checks = [
    nodeCheck(process.versions.node),
    await opaCheck(),
    await workspaceCheck(workspace, flags.workspace !== undefined),
    ...(await logChecks(log, flags.log !== undefined)),
  ]
  for (const { state, text } of checks) process.stdout.write(`${state.padEnd(8)} ${text}\n`)
  const has = (state: Check['state']) => checks.some((check) => check.state === state)
  process.exitCode = has('missing') ? EXIT.environment : has('finding') ? EXIT.finding : EXIT.ok
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = major > 20 || (major === 20 && minor >= 19)
  return fits
    ? { state: 'ok', text: `Node ${version}` }
    : { state: 'missing', text: `Node ${version}: install 20.19 or newer` }
}

async function opaCheck(): Promise<Check> {
  try {
    return { state: 'ok', text: `OPA at ${await findOpa()}` }
  } catch (thrown) {
    return { state: 'missing', text: thrownText(thrown) }
  }
}

async function workspaceCheck(directory: string, named: boolean): Promise<Check> {
  if (!named && !(await exists(directory))) return { state: 'ok', text: 'No workspace yet: `serve --demo` makes one' }
  const fault = workspaceFault(directory)
  return fault === undefined ? { state: 'ok', text: `Workspace ${directory}` } : { state: 'missing', text: fault }
}

async function logChecks(log: string, named: boolean): Promise<readonly Check[]> {
  if (!(await isReadableFile(log))) {
    if (named) return [{ state: 'missing', text: `${log}: no such log; name the file that \`log.path\` names` }]
    return [{ state: 'ok', text: 'No decision log yet' }]
  }
  const summary = await unfinishedCalls(log)
  const { decisions, permitted, refused, outcomes, unfinished, damaged } = summary
  const counts = `${log}: ${decisions} decisions (${permitted} permitted, ${refused} refused), ${outcomes} outcomes`
  return [
    { state: 'ok', text: counts },
    {
      state: unfinished.length === 0 ? 'ok' : 'finding',
      text: `${unfinished.length} permitted calls without an outcome${some(unfinished)}`,
    },
    {
      state: damaged.length === 0 ? 'ok' : 'finding',
      text: `${damaged.length} damaged lines${some(damaged.map(String))}`,
    },
  ]
}

const some = (ids: readonly string[]): string =>
  ids.length === 0 ? '' : `: ${ids.slice(0, LISTED).join(', ')}${ids.length > LISTED ? ', …' : ''}`

const exists = (path: string): Promise<boolean> =>
  access(path, constants.R_OK).then(
    () => true,
    () => false,
  )
