import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export type Step = {
  readonly id?: string
  readonly name?: string
  readonly uses?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
  readonly run?: string
}
export type Action = {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}
type Values = Readonly<Record<string, string>>
export type ActionRun = {
  readonly code: number
  readonly log: string
  readonly summary: string
  readonly outputs: Values
}

export const ACTION_FOLDER = fileURLToPath(new URL('../../scripts/action', import.meta.url))
export const action: Action = parse(await readFile(join(ACTION_FOLDER, 'action.yml'), 'utf8'))

type RunOptions = {
  readonly env: NodeJS.ProcessEnv
  /** Ids of the steps to run; else all. */
  readonly only?: readonly string[]
  /** What expressions such as `inputs.base` stand for, where it is not the default. */
  readonly values?: Values
}

/** Runs the shell steps of the action as a runner does: one after the other, until one fails. */
export async function runAction(cwd: string, { env, only, values = {} }: RunOptions): Promise<ActionRun> {
  const defaults = Object.entries(action.inputs).map(([name, input]) => [`inputs.${name}`, input.default] as const)
  const context = new Map([...defaults, ...Object.entries(values)])
  const files = await mkdtemp(join(tmpdir(), 'portcullis-runner-'))
  const file = (name: string) => join(files, name)
  await writeFile(file('summary'), '')
  let code = 0
  let log = ''
  try {
    for (const step of action.runs.steps) {
      if (step.run === undefined || (only !== undefined && !only.includes(step.id ?? ''))) continue
      await writeFile(file('output'), '')
      await writeFile(file('script'), step.run)
      const ran = await bash(['--noprofile', '--norc', '-eo', 'pipefail', file('script')], cwd, {
        ...env,
        ...filled(step.env ?? {}, context),
        RUNNER_OS: 'Linux',
        RUNNER_ARCH: 'X64',
        GITHUB_ACTION_PATH: ACTION_FOLDER,
        GITHUB_OUTPUT: file('output'),
        GITHUB_STEP_SUMMARY: file('summary'),
      })
      log += ran.log
      for (const [, name, value] of (await readFile(file('output'), 'utf8')).matchAll(/^([\w-]+)=(.*)$/gm)) {
        context.set(`steps.${step.id}.outputs.${name}`, value ?? '')
      }
      code = ran.code
      if (code !== 0) break
    }
    const outputs = Object.fromEntries(Object.entries(action.outputs).map(([name, { value }]) => [name, value]))
    return { code, log, outputs: filled(outputs, context), summary: await readFile(file('summary'), 'utf8') }
  } finally {
    await rm(files, { recursive: true })
  }
}

const filled = (texts: Values, context: ReadonlyMap<string, string>): Values =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, path: string) => context.get(path) ?? ''),
    ]),
  )

export function bash(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly log: string }> {
  return new Promise((resolve) => {
    execFile('bash', args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, log: stdout + stderr })
    })
  })
}
