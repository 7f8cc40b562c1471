import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jest } from '@jest/globals'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { pino } from 'pino'
import { createPortcullis, type Portcullis } from '../../src/app.ts'
import { expectsOutcome } from '../../src/audit/record.ts'
import { BUILD_CAPABILITIES, findOpa } from '../../src/cli/package.ts'
import { formatFaults, loadConfig } from '../../src/config/load.ts'
import { mergeSettings } from '../../src/lib/layers.ts'
import type { DecisionRecord, OutcomeRecord } from '../../src/model/record.ts'
import { policyBundle } from './policy.ts'

export const NOW = new Date('2026-11-22T15:44:30.250Z')
export const ISSUER = 'https://login.example.com'
export const ORIGIN = 'https://mcp.example.com'
export const AUDIENCE = `${ORIGIN}/mcp`
export const NAME = 'files'
export const VERSION = '9.9.9'

/** Stops the clocks of the product, wall and monotonic; `jest.advanceTimersByTime` moves both. Real timers run on. */
export function stopClocks(): void {
  jest.useFakeTimers({
    now: NOW,
    doNotFake: [
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
      'hrtime',
    ],
  })
}

export type Era = 'legacy' | 'modern'

export type Caller = {
  readonly sub?: string
  readonly roles?: readonly string[]
  readonly scope?: string
  readonly lifetime?: number
  readonly audience?: string
}

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** As text, with every decision id replaced by `DECISION`. */
  readonly text: string
  /** The JSON of a body, or of the one event of a stream. */
  readonly body: unknown
  readonly decisionIds: readonly string[]
}

export type Sent = {
  readonly era?: Era
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  /** The whole body instead of a message. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
  /** `undefined` takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly token?: string | undefined
  readonly signal?: AbortSignal
}

export type NodeRequest = {
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly socket: { readonly remoteAddress: string }
}

export type World = {
  readonly portcullis: Portcullis
  readonly dir: string
  readonly workspace: string
  readonly policy: string
  readonly token: (caller?: Caller) => Promise<string>
  /** Any request. `node` is what Node would say of it where there was a socket. */
  readonly fetch: (path: string, init?: RequestInit & { duplex?: 'half' }, node?: NodeRequest) => Promise<Answer>
  /** A POST to the MCP endpoint. Its token is that of `readonly` unless another or `undefined` is given. */
  readonly send: (sent: Sent) => Promise<Answer>
  readonly call: (name: string, args: unknown, sent?: Sent) => Promise<Answer>
  /** The decision lines of the log, once there is one for every request. */
  readonly decisions: () => Promise<readonly DecisionRecord[]>
  /** The outcome lines, once there is one for every call that was let pass. */
  readonly outcomes: () => Promise<readonly OutcomeRecord[]>
  readonly close: () => Promise<void>
}

export const DECISION = '<decision id>'
const UUID_V7 = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g

export const FILES: Readonly<Record<string, string>> = {
  'public/a.txt': 'hello\n',
  'public/.env': 'TOKEN=canary\n',
  'docs/guide.md': '# Guide\n',
  'private/plans.txt': 'canary\n',
  'users/readonly/notes.txt': 'mine\n',
  'users/other/notes.txt': 'canary\n',
}

export async function writeTree(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

export type Preparations = {
  /** What stands in the workspace. */
  readonly files?: Readonly<Record<string, string>>
  /**
   * Puts into the folder of the world what must be there before it opens, and says what settings that makes.
   * The log is `decisions.ndjson`, the keys are in `jwks.json`.
   */
  readonly prepare?: (dir: string) => Promise<unknown>
}

/** A whole product in this process: real files, keys, policy and log; no socket. */
export async function openWorld(settings: object = {}, { files = FILES, prepare }: Preparations = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-http-'))
  const workspace = join(dir, 'workspace')
  await writeTree(workspace, files)
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] }
  await writeFile(join(dir, 'jwks.json'), JSON.stringify(jwks))
  const log = join(dir, 'decisions.ndjson')
  const prepared = await prepare?.(dir)
  const plenty = { per_second: 1_000_000, burst: 1_000_000 }
  const defaults = {
    name: NAME,
    public_url: ORIGIN,
    issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], jwks: { file: join(dir, 'jwks.json') }, home: true }],
    workspace,
    policies: await policyBundle(),
    tools: [fileURLToPath(new URL('./tools.ts', import.meta.url))],
    log: { sink: 'file', path: log },
    limits: { per_address: plenty, per_subject: plenty },
  }
  const written = [settings, prepared ?? {}].reduce<unknown>(mergeSettings, defaults)
  const config = await loadConfig({ env: {}, flags: {}, demo: written, cwd: dir })
  if (!config.ok) throw new Error(formatFaults(config.error))
  const portcullis = await createPortcullis(config.value, {
    logger: pino({ level: 'silent' }),
    opa: findOpa,
    capabilities: BUILD_CAPABILITIES,
    version: VERSION,
  })
  if (!portcullis.ok) throw new Error(portcullis.error.join('\n'))
  const { http } = portcullis.value

  const token = ({ sub = 'readonly', roles = ['readonly'], scope, lifetime, audience }: Caller = {}) => {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT({ roles: [...roles], scope: scope ?? 'mcp:write', client_id: 'cli' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(audience ?? AUDIENCE)
      .setSubject(sub)
      .setIssuedAt(now)
      .setExpirationTime(now + (lifetime ?? 3600))
      .sign(privateKey)
  }
  const usual = await token()

  /** Requests that have a line in the log. */
  let walked = 0
  const fetch: World['fetch'] = async (path, init = {}, node) => {
    const headers = new Headers(init.headers)
    if (!headers.has('host')) headers.set('host', 'mcp.example.com')
    const answer = await toAnswer(await http.request(path, { ...init, headers }, node && { incoming: node }))
    const isRefused = typeof answer.body === 'object' && answer.body !== null && 'error' in answer.body
    const isWalk = path === '/mcp' || path.startsWith('/admin/')
    if ((isWalk && init.method !== 'OPTIONS') || isRefused) walked += 1
    return answer
  }
  const send: World['send'] = (sent) => {
    const token = 'token' in sent ? sent.token : usual
    const headers = withoutUndefined({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(sent.era === 'modern' && mirrors(sent)),
      ...sent.headers,
    })
    const body = sent.raw ?? JSON.stringify(messageOf(sent))
    const streamed = body instanceof ReadableStream && { duplex: 'half' as const }
    const signal = sent.signal !== undefined && { signal: sent.signal }
    return fetch('/mcp', { method: 'POST', headers, body, ...streamed, ...signal })
  }
  const lines = createLogReader(log)
  const decisions = async () => (await lines()).filter((record) => record.kind === 'decision')
  const outcomes = async () => (await lines()).filter((record) => record.kind === 'outcome')
  return {
    portcullis: portcullis.value,
    dir,
    workspace,
    policy: config.value.policies,
    token,
    fetch,
    send,
    call: (name, args, sent = {}) => send({ method: 'tools/call', params: { name, arguments: args }, ...sent }),
    decisions: () => until(decisions, (records) => records.length === walked),
    outcomes: async () => {
      const due = (await until(decisions, (records) => records.length === walked)).filter(expectsOutcome).length
      return until(outcomes, (records) => records.length === due)
    },
    close: async () => {
      await portcullis.value.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

function messageOf({ era, id = 1, method = 'ping', params }: Sent): object {
  const modern = era === 'modern' ? { params: { ...params, _meta: params?.['_meta'] ?? ENVELOPE } } : {}
  return { jsonrpc: '2.0', ...(id !== null && { id }), method, ...(params !== undefined && { params }), ...modern }
}

function mirrors({ method = 'ping', params }: Sent): Record<string, string> {
  const name = params?.['name'] ?? params?.['uri'] ?? params?.['taskId']
  return {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': mirrored(name) }),
  }
}

const mirrored = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) && !name.startsWith('=?') ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`

export async function toAnswer(response: Response): Promise<Answer> {
  const sent = await response.text()
  const text = sent.replaceAll(UUID_V7, DECISION)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    body: jsonOf(text, response.headers.get('content-type') ?? ''),
    decisionIds: sent.match(UUID_V7) ?? [],
  }
}

function jsonOf(text: string, type: string): unknown {
  if (type.startsWith('application/json')) return JSON.parse(text)
  const events = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  return events.length === 1 ? JSON.parse(events[0] ?? '') : text
}

/** Reads the whole lines that were added to a log since it was read last, and answers all of them. */
function createLogReader(path: string): () => Promise<readonly (DecisionRecord | OutcomeRecord)[]> {
  const records: (DecisionRecord | OutcomeRecord)[] = []
  let rest = ''
  let offset = 0
  return async () => {
    const file = await open(path)
    const { size } = await file.stat()
    const added = Buffer.alloc(Math.max(0, size - offset))
    await file.read(added, 0, added.length, offset)
    await file.close()
    offset += added.length
    const parts = `${rest}${added}`.split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.startsWith('{')) records.push(JSON.parse(part))
    return [...records]
  }
}

/** Asks until the answer is right: for what comes on its own, like a line of the log. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = process.hrtime.bigint() + 5_000_000_000n
  for (;;) {
    const answer = await ask()
    if (isRight(answer)) return answer
    if (process.hrtime.bigint() > deadline) throw new Error(`still not right: ${JSON.stringify(answer).slice(0, 2000)}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const withoutUndefined = (members: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
