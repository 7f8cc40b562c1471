import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { systemTimer, type Timer } from '../lib/deadline.ts'
import { type Deferred, deferred } from '../lib/deferred.ts'
import type { McpCall } from '../model/call.ts'
import type { JsonObject } from '../model/json.ts'
import type { Reply } from '../model/reply.ts'
import { MODERN_VERSIONS } from './versions.ts'

export type ServerInfo = { readonly name: string; readonly version: string; readonly instructions: string }

/** What a permitted request may reach: each is set only for the call it was decided for. */
export type Handlers = {
  readonly listTools?: () => readonly JsonObject[]
  readonly callTool?: () => Promise<JsonObject>
}

/** A request that the SDK is answering. */
type Waiting = {
  readonly handlers: Handlers
  /** The answer, or undefined when something else is sent before it and the client needs a stream. */
  readonly answer: Deferred<object | undefined>
}

export type Protocol = {
  /** Frames the answer of a permitted request. The signal is that of the client's connection. */
  readonly serve: (call: McpCall, handlers: Handlers, signal: AbortSignal) => Promise<Reply>
  readonly close: () => Promise<void>
}

const CAPABILITIES = { tools: {} }

/** How long a client may keep a filtered list: not at all, since a policy can change at any time. */
const LIST_TTL_MS = 0

/** From then on a client sees the beginning of a stream, and its keep-alive. */
const STREAM_AFTER_MS = 5_000

/** The SDK builds a validator of its own for every server; ours asks for no input, so none is ever needed. */
const NO_VALIDATOR = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: 'no schema is validated here' }),
}

/**
 * The protocol's framing by the MCP SDK, behind the walk: handshake, result shapes and streams of both
 * eras. It takes no decision: a server is made for one request, with the handler of that request alone,
 * and sees a message rebuilt from the decided call, never the bytes or headers of the client.
 */
export function createProtocol(
  info: ServerInfo,
  onError: (error: Error) => void,
  timer: Timer = systemTimer,
): Protocol {
  const waiting = new Map<string, Waiting>()
  let serial = 0

  const handler = createMcpHandler(
    ({ authInfo }) => {
      const one: Waiting = waiting.get(authInfo?.token ?? '') ?? waitingFor({})
      const { handlers } = one
      const server = new Server(
        { name: info.name, version: info.version },
        { capabilities: CAPABILITIES, instructions: info.instructions, jsonSchemaValidator: NO_VALIDATOR },
      )
      server.setRequestHandler('tools/list', () => ({
        tools: [...(handlers.listTools?.() ?? [])] as never,
        ttlMs: LIST_TTL_MS,
        cacheScope: 'private' as const,
      }))
      server.setRequestHandler('tools/call', async () => {
        if (handlers.callTool === undefined) throw new Error('no call was decided')
        return (await handlers.callTool()) as never
      })
      noteAnswer(server, one)
      return server
    },
    { onerror: onError, keepAliveMs: 15_000 },
  )

  return {
    serve: async (call, handlers, signal) => {
      // The SDK hands `authInfo` through untouched: it carries the ticket of this request, never a token.
      const ticket = String(serial++)
      const one = waitingFor(handlers)
      waiting.set(ticket, one)
      try {
        const authInfo = { token: ticket, clientId: '', scopes: [] }
        const response = await handler.fetch(requestFor(call, signal), { parsedBody: messageOf(call), authInfo })
        return await toReply(response, one, timer)
      } finally {
        waiting.delete(ticket)
      }
    },
    close: () => handler.close(),
  }
}

function messageOf(call: McpCall): JsonObject {
  const decided = call.target.type === 'tool' ? { name: call.target.name, arguments: call.target.arguments } : {}
  const params = { ...call.params, ...decided }
  return { jsonrpc: '2.0', ...(call.id !== undefined && { id: call.id }), method: call.method, params }
}

function requestFor(call: McpCall, signal: AbortSignal): Request {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': call.protocolVersion,
  }
  if (MODERN_VERSIONS.includes(call.protocolVersion)) {
    headers['mcp-method'] = call.method
    if (call.target.type === 'tool') headers['mcp-name'] = mirror(call.target.name)
  }
  const get = (name: string) => headers[name.toLowerCase()] ?? null
  return {
    method: 'POST',
    url: 'http://mcp.invalid/',
    headers: { get, has: (n: string) => get(n) !== null },
    signal,
  } as unknown as Request
}

const mirror = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) && !name.startsWith('=?') ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`

const waitingFor = (handlers: Handlers): Waiting => ({ handlers, answer: deferred() })

/** Notes the answer on its way: to read it back from a `Response` takes as long as a decision (measured). */
function noteAnswer(server: Server, { answer }: Waiting): void {
  const connect = server.connect.bind(server)
  server.connect = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = (message, options) => {
      answer.resolve('result' in message || 'error' in message ? message : undefined)
      return send(message, options)
    }
    return connect(transport)
  }
}

/**
 * One JSON document where one will do. The SDK begins a stream for every legacy request: that is for answers
 * that take long, and for those that something else comes before.
 */
async function toReply(response: Response, { answer }: Waiting, timer: Timer): Promise<Reply> {
  const { status } = response
  const streamed = isStream(response)
  // what is refused before a server is asked has a response and no answer
  const whole = await (streamed ? orLate(answer.promise, timer) : Promise.race([answer.promise, undefined]))
  if (whole !== undefined) {
    if (streamed) response.body?.cancel().catch(() => undefined)
    return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(whole) }
  }
  return { status, headers: headersOf(response), body: streamed ? response.body : await response.text() }
}

const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true

function headersOf(response: Response): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of ['content-type', 'x-accel-buffering']) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  return headers
}

async function orLate<T>(promise: Promise<T>, timer: Timer): Promise<T | undefined> {
  let cancel: () => void = () => undefined
  const late = new Promise<undefined>((resolve) => {
    cancel = timer(() => resolve(undefined), STREAM_AFTER_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}
