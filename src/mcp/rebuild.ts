import { isVisibleAscii } from '../lib/visible-ascii.ts'
import type { McpCall, Target } from '../model/call.ts'
import type { JsonObject } from '../model/json.ts'
import { MODERN_VERSIONS } from './versions.ts'

/** The message that goes on: never the bytes of the client. */
export function messageOf(call: McpCall): JsonObject {
  const params = { ...call.params, ...decidedParams(call.target) }
  return { jsonrpc: '2.0', ...(call.id !== undefined && { id: call.id }), method: call.method, params }
}

/** Rebuilt from what was decided on. The SDK needs their form alone: what is answered comes from the walk. */
function decidedParams(target: Target): JsonObject {
  switch (target.type) {
    case 'tool':
    case 'prompt':
      return { name: target.name, arguments: target.arguments }
    case 'resource':
      return { uri: target.uri }
    case 'completion': {
      const {
        of,
        arguments: { name, value },
      } = target
      const ref = of.type === 'prompt' ? { type: 'ref/prompt', name: of.id } : { type: 'ref/resource', uri: of.id }
      return { ref, argument: { name, value } }
    }
    case 'subscription': {
      const { uris, ...changes } = target.filter
      return { notifications: { ...changes, resourceSubscriptions: uris } }
    }
    default:
      return {}
  }
}

/**
 * The request that the SDK sees, with the headers that its message wants: never those of the client. These are the
 * members that it reads; a whole `Request` takes 18 µs more (measured).
 */
export function requestFor(call: McpCall, signal: AbortSignal): Request {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': call.protocolVersion,
  }
  if (MODERN_VERSIONS.includes(call.protocolVersion)) {
    headers['mcp-method'] = call.method
    const { name, uri } = decidedParams(call.target)
    if (typeof name === 'string') headers['mcp-name'] = mirror(name)
    if (typeof uri === 'string') headers['mcp-name'] = mirror(uri)
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
  isVisibleAscii(name) && !name.startsWith('=?') ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`
