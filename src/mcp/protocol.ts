import { createMcpHandler, Server } from '@modelcontextprotocol/server'
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

export type Protocol = {
  /** Frames the answer of a permitted request. The signal is that of the client's connection. */
  readonly serve: (call: McpCall, handlers: Handlers, signal: AbortSignal) => Promise<Reply>
  readonly close: () => Promise<void>
}

const CAPABILITIES = { tools: {} }

/** How long a client may keep a filtered list: not at all, since a policy can change at any time. */
const LIST_TTL_MS = 0

/** The SDK builds a validator of its own for every server; ours asks for no input, so none is ever needed. */
const NO_VALIDATOR = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: 'no schema is validated here' }),
}

/**
 * The protocol's framing by the MCP SDK, behind the walk: handshake, result shapes and streams of both
 * eras. It takes no decision: a server is made for one request, with the handler of that request alone,
 * and sees a message rebuilt from the decided call, never the bytes or headers of the client.
 */
export function createProtocol(info: ServerInfo, onError: (error: Error) => void): Protocol {
  const waiting = new Map<string, Handlers>()
  let serial = 0

  const handler = createMcpHandler(
    ({ authInfo }) => {
      const handlers = waiting.get(authInfo?.token ?? '') ?? {}
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
      return server
    },
    { onerror: onError, keepAliveMs: 15_000 },
  )

  return {
    serve: async (call, handlers, signal) => {
      // The SDK hands `authInfo` through untouched: it carries the ticket of this request, never a token.
      const ticket = String(serial++)
      waiting.set(ticket, handlers)
      try {
        const authInfo = { token: ticket, clientId: '', scopes: [] }
        const response = await handler.fetch(requestFor(call, signal), { parsedBody: messageOf(call), authInfo })
        return await toReply(response)
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
  return new Request('http://mcp.invalid/', { method: 'POST', headers, signal })
}

const mirror = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) && !name.startsWith('=?') ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`

async function toReply(response: Response): Promise<Reply> {
  const headers: Record<string, string> = {}
  for (const name of ['content-type', 'x-accel-buffering']) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true
  return { status: response.status, headers, body: streamed ? response.body : await response.text() }
}
