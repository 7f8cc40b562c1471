import { expect } from '@jest/globals'
import { sign } from '../unit/pip/signing.ts'
import { claimsOf, HEADER, type Identity, type RunningServer } from './server.ts'
import { type Answer, converse, type HttpRequest, toBytes } from './wire.ts'

export type Header = readonly [name: string, value: string]
export type Id = string | number

/** Somebody with a token. */
export type Caller = { readonly sub: string; readonly token: string }

type Options = { readonly as?: Caller; readonly id?: Id; readonly headers?: readonly Header[] }

/** What one attack does, and what came of it. Every answer and every token is remembered for the invariants. */
export type Scene = {
  readonly server: RunningServer
  /** The caller of whatever names no other. */
  readonly attacker: Caller
  readonly caller: (identity: Partial<Identity>) => Promise<Caller>
  readonly token: (claims: object | string, header?: object | string) => Promise<string>
  /** A request of 2026-07-28, whole and well-formed. */
  readonly rpc: (method: string, params?: object, options?: Options) => Promise<Answer>
  readonly call: (tool: string, args: unknown, options?: Options) => Promise<Answer>
  /** A request of 2025-11-25. */
  readonly legacy: (method: string, params?: object, options?: Options) => Promise<Answer>
  readonly legacyCall: (tool: string, args: unknown, options?: Options) => Promise<Answer>
  /** A body as it is, with the headers of the legacy wire. */
  readonly post: (body: string | Uint8Array, options?: Options) => Promise<Answer>
  /** A request that is answered once and recorded `records` times. */
  readonly send: (request: HttpRequest, records?: number) => Promise<Answer>
  /** Bytes on a connection of their own; all answers. */
  readonly raw: (bytes: string | Uint8Array, records: number, expected?: number) => Promise<readonly Answer[]>
  /** Counts requests that were sent by other means. */
  readonly expectRecords: (count: number) => void
  readonly seen: () => Seen
}

/** What an attack has left for the invariants. */
export type Seen = {
  readonly records: number
  readonly callers: readonly Caller[]
  readonly tokens: readonly string[]
  readonly received: string
}

const VERSION = '2026-07-28'
export const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

const HOST = ['Host', '127.0.0.1'] as const
const BASE: readonly Header[] = [
  HOST,
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json, text/event-stream'],
  ['Connection', 'close'],
]

export const bearer = (token: string): Header => ['Authorization', `Bearer ${token}`]

/** `address` is the one on loopback that requests come from. */
export async function createScene(server: RunningServer, identity: Identity, address = '127.0.0.1'): Promise<Scene> {
  const seen = { records: 0, callers: [] as Caller[], tokens: [] as string[], received: '' }

  const token = async (claims: object | string, header: object | string = HEADER) => {
    const signed = await sign(server.signer, header, claims)
    seen.tokens.push(signed)
    return signed
  }
  const caller = async (changes: Partial<Identity>) => {
    const whole = { ...identity, ...changes }
    const made = { sub: whole.sub, token: await token(claimsOf(whole)) }
    seen.callers.push(made)
    return made
  }
  const attacker = await caller({})

  const raw = async (bytes: string | Uint8Array, records: number, expected?: number) => {
    seen.records += records
    const conversation = await converse(server.port, bytes, {
      localAddress: address,
      ...(expected !== undefined && { expected }),
    })
    seen.received += conversation.received.toString('latin1')
    return conversation.answers
  }
  const send = async (request: HttpRequest, records = 1) => {
    const [answer, ...more] = await raw(toBytes(request), records)
    if (answer === undefined) throw new Error('no answer came back')
    expect(more).toEqual([])
    return answer
  }
  const post = (body: string | Uint8Array, { as = attacker, headers = [] }: Options = {}) =>
    send({ headers: [...BASE, bearer(as.token), ...headers], body })

  const rpc = (method: string, params: object = {}, { id = 1, headers = [], ...options }: Options = {}) => {
    const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: META } }
    const mirrored: readonly Header[] = [
      ['MCP-Protocol-Version', VERSION],
      ['Mcp-Method', method],
    ]
    return post(JSON.stringify(body), { ...options, headers: [...mirrored, ...headers] })
  }
  const legacy = (method: string, params: object = {}, { id = 1, headers = [], ...options }: Options = {}) =>
    post(JSON.stringify({ jsonrpc: '2.0', id, method, params }), {
      ...options,
      headers: [['MCP-Protocol-Version', '2025-11-25'], ...headers],
    })

  return {
    server,
    attacker,
    caller,
    token,
    rpc,
    legacy,
    post,
    send,
    raw,
    call: (name, args, { headers = [], ...options } = {}) =>
      rpc('tools/call', { name, arguments: args }, { ...options, headers: [['Mcp-Name', mirror(name)], ...headers] }),
    legacyCall: (name, args, options) => legacy('tools/call', { name, arguments: args }, options),
    expectRecords: (count) => {
      seen.records += count
    },
    seen: () => seen,
  }
}

const mirror = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) && !name.startsWith('=?') ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`
