import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { v7 as uuidv7 } from 'uuid'
import { DEFAULT_POLICIES, findOpa } from '../../src/cli/package.ts'
import { openDemo } from '../../src/demo/open.ts'
import { DEMO_USERS } from '../../src/demo/users.ts'
import { policyBundle } from '../http/policy.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = join(ROOT, 'dist/main.js')

export type Role = 'admin' | 'user' | 'readonly'
export type Ran = { readonly stdout: string; readonly stderr: string; readonly code: number }

/** What of a record the tests here look at. */
export type LogLine = {
  readonly kind: 'decision' | 'outcome'
  readonly decision_id: string
  readonly refusal?: string
  readonly status?: string
  readonly charged?: boolean
  readonly input?: { readonly action: { readonly name: string }; readonly resource: { readonly id: string } }
}

/** A folder that stands for the machine of one user: home, state, and files of the test. */
export type Machine = {
  readonly home: string
  readonly stateDir: string
  readonly workspace: string
  readonly log: string
  /** Runs the command line. What it reads from standard input is `input`. */
  readonly command: (args: readonly string[], input?: string) => Promise<Ran>
  /** What the command `token` prints, without the second that a process takes. */
  readonly token: (role: Role) => Promise<string>
  /** One that was good for an hour, long ago. */
  readonly expiredToken: (role: Role) => Promise<string>
  readonly records: () => Promise<readonly LogLine[]>
  /** A copy of the default policy, for a test to edit. */
  readonly copyPolicies: () => Promise<string>
  /** Starts `serve --demo` on a free port, with the default policy, compiled once, unless flags name another. */
  readonly serve: (options?: {
    readonly flags?: readonly string[]
    readonly config?: string
    readonly port?: string
  }) => Promise<Server>
  readonly remove: () => Promise<void>
}

/** A real server process of the demo. */
export type Server = {
  readonly url: URL
  readonly process: ChildProcess
  readonly readyz: () => Promise<Readyz>
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string>
}

export type Readyz = {
  readonly ready: boolean
  readonly policy: {
    readonly revision: string
    readonly source: { readonly state: string; readonly age_seconds: number }
  }
}

export async function openMachine(): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), 'portcullis-e2e-'))
  const own = { HOME: home, XDG_STATE_HOME: join(home, 'state'), PORTCULLIS_OPA: await findOpa() }
  const env = { ...process.env, ...own }
  const stateDir = join(home, 'state', 'portcullis')
  const log = join(stateDir, 'decisions.ndjson')
  const children: ChildProcess[] = []

  const command: Machine['command'] = (args, input = '') =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [MAIN, ...args], { env, cwd: home }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1 }),
      )
      child.stdin?.end(input)
    })
  return {
    home,
    stateDir,
    workspace: join(stateDir, 'workspace'),
    log,
    command,
    token: (role) => tokenFrom(stateDir, role, Date.now()),
    expiredToken: (role) => tokenFrom(stateDir, role, Date.now() - 7_200_000),
    records: async () => {
      const text = await readFile(log, 'utf8').catch(() => '')
      return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogLine)
    },
    copyPolicies: async () => {
      const copy = join(home, 'policies')
      await cp(DEFAULT_POLICIES, copy, { recursive: true })
      return copy
    },
    serve: async ({ flags, config, port = '0' } = {}) => {
      const policy = flags ?? ['--policies', await policyBundle({})]
      const file = join(home, 'portcullis.yaml')
      if (config !== undefined) await writeFile(file, config)
      const configured = config === undefined ? [] : ['--config', file]
      const args = [MAIN, 'serve', '--demo', '--port', port, ...configured, ...policy]
      const child = spawn(process.execPath, args, { env, cwd: home })
      children.push(child)
      return toServer(child)
    },
    remove: async () => {
      await Promise.all(children.map(kill))
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function tokenFrom(stateDir: string, role: Role, now: number): Promise<string> {
  const user = DEMO_USERS.find(({ name }) => name === role) ?? DEMO_USERS[2]
  const demo = await openDemo(stateDir, uuidv7)
  const token = demo.ok ? await demo.value.issuer.issueToken(user, 3600, now) : demo
  if (!token.ok) throw new Error(token.error)
  return token.value
}

async function toServer(child: ChildProcess): Promise<Server> {
  const ended = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? -1)),
  )
  const url = new URL(await listeningAt(child))
  return {
    url,
    process: child,
    ended,
    readyz: async () => (await (await fetch(new URL('/readyz', url))).json()) as Readyz,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const url = /Portcullis serves MCP at (http:\S+)/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it listened:\n${output}`)))
  })
}

/** Asks until the answer is right: for what another process does in its own time. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (isRight(answer)) return answer
    if (performance.now() > deadline) throw new Error(`still not right: ${JSON.stringify(answer).slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
