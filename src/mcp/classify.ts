import { decodeMirrored } from '../lib/mirrored-header.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Era, McpCall, Unreadable } from '../model/call.ts'
import { isObject, type JsonObject } from '../model/json.ts'
import type { RefusalAt } from '../model/refusal.ts'
import { CLIENT_CAPABILITIES_KEY, metaOf, PROTOCOL_VERSION_KEY } from './envelope.ts'
import { METHODS } from './methods.ts'
import { askedOf, paramsThatGoOn } from './params.ts'
import { targetOf } from './target.ts'
import { ASSUMED_LEGACY_VERSION, LEGACY_VERSIONS, MODERN_VERSIONS } from './versions.ts'

type Unclassified = Unreadable<RefusalAt<'parse'>>
type Headers = ReadonlyMap<string, string>
type Message = { readonly id?: string | number; readonly method: string; readonly params: JsonObject }

/**
 * Turns a strictly parsed body and the `Mcp-*` headers into one call, or says what is wrong with them.
 * Pure; era and message kind are settled here and nowhere else. Headers are compared with the body, they
 * never stand in for it: on the legacy wire, where nobody compares them, they are ignored.
 */
export function classify(body: unknown, headers: Headers, bytes: number): Result<McpCall, Unclassified> {
  const message = readMessage(body)
  const version = headers.get('mcp-protocol-version')
  const claimed = message.ok ? metaOf(message.value.params)?.[PROTOCOL_VERSION_KEY] : undefined
  const modern = claimed !== undefined || (version !== undefined && MODERN_VERSIONS.includes(version))
  const era: Era = modern ? 'modern' : 'legacy'
  if (!message.ok) return err({ ...message.error, era })

  const refuse = (refusal: RefusalAt<'parse'>) => {
    const { id, method } = message.value
    return err({ refusal, era, method, ...(id !== undefined && { id }) })
  }
  const settled = modern ? modernVersion(message.value, headers) : legacyVersion(message.value, version)
  if (!settled.ok) return refuse(settled.error)

  const about = targetOf(message.value, era)
  if (!about.ok) return refuse(about.error)
  const asked = modern ? askedOf(message.value.method, message.value.params) : ok({})
  if (!asked.ok) return refuse(asked.error)
  const { id, method, params } = message.value
  return ok({
    era,
    protocolVersion: settled.value,
    ...(id !== undefined && { id }),
    method,
    target: about.value,
    params: paramsThatGoOn(method, params),
    ...asked.value,
    mirrored: modern ? mirroredOf(headers) : new Map<string, string>(),
    bytes,
  })
}

/** JSON-RPC 2.0 and MCP: one object, closed; a batch, a response or a null id is not a message we take. */
function readMessage(body: unknown): Result<Message, Omit<Unclassified, 'era'>> {
  const invalid = (detail: string, known: { id?: string | number } = {}) =>
    err({ refusal: { code: 'invalid_request', detail } as const, ...known })
  if (Array.isArray(body)) return invalid('a batch is not served; send one message a request')
  if (!isObject(body)) return invalid('the body must be one JSON-RPC object')
  const id = body['id']
  const readable = isId(id) ? { id } : {}
  for (const key of Object.keys(body)) {
    if (!['jsonrpc', 'id', 'method', 'params'].includes(key))
      return invalid('only jsonrpc, id, method and params may stand in a message', readable)
  }
  if (body['jsonrpc'] !== '2.0') return invalid('jsonrpc must be "2.0"', readable)
  if ('id' in body && !isId(id)) return invalid('id must be a string or an integer')
  const method = body['method']
  if (typeof method !== 'string') return invalid('method must be a string', readable)
  const params = body['params'] ?? {}
  if (!isObject(params) || body['params'] === null) return invalid('params must be an object', readable)
  if ('_meta' in params && !isObject(params['_meta'])) return invalid('_meta must be an object', readable)
  const token = metaOf(params)?.['progressToken']
  if (token !== undefined && !isId(token)) return invalid('progressToken must be a string or an integer', readable)
  if (!('id' in body) && !method.startsWith('notifications/')) return invalid('a request needs an id')
  if ('id' in body && method.startsWith('notifications/')) return invalid('a notification has no id', readable)
  return ok({ ...readable, method, params })
}

const isId = (id: unknown): id is string | number =>
  (typeof id === 'string' && id.length <= 256) || (typeof id === 'number' && Number.isSafeInteger(id))

/** 2026-07-28: the envelope must be complete and the headers must say the same. */
function modernVersion(message: Message, headers: Headers): Result<string, RefusalAt<'parse'>> {
  const header = headers.get('mcp-protocol-version')
  const meta = metaOf(message.params)
  const claimed = meta?.[PROTOCOL_VERSION_KEY]
  const notification = message.id === undefined
  if (claimed === undefined) {
    if (notification && header !== undefined) return ok(header)
    return err({ code: 'invalid_envelope', detail: `_meta lacks ${PROTOCOL_VERSION_KEY}` })
  }
  if (typeof claimed !== 'string')
    return err({ code: 'invalid_envelope', detail: `${PROTOCOL_VERSION_KEY} must be a string` })
  if (header === undefined && !notification) return mismatch('MCP-Protocol-Version is missing')
  if (header !== undefined && header !== claimed) return mismatch('MCP-Protocol-Version differs from _meta')
  if (!MODERN_VERSIONS.includes(claimed)) return err({ code: 'unsupported_version', requested: claimed })
  if (notification) return ok(claimed)
  if (!isObject(meta?.[CLIENT_CAPABILITIES_KEY]))
    return err({ code: 'invalid_envelope', detail: `_meta lacks ${CLIENT_CAPABILITIES_KEY}` })
  return compareMirrors(message, headers) ?? ok(claimed)
}

function compareMirrors(message: Message, headers: Headers): Result<never, RefusalAt<'parse'>> | undefined {
  const method = headers.get('mcp-method')
  if (method === undefined) return mismatch('Mcp-Method is missing')
  if (method !== message.method) return mismatch('Mcp-Method differs from the method')
  const member = METHODS.get(message.method)?.named
  if (member === undefined) return undefined
  const name = headers.get('mcp-name')
  if (name === undefined) return mismatch('Mcp-Name is missing')
  if (decodeMirrored(name) !== message.params[member]) return mismatch(`Mcp-Name differs from params.${member}`)
  return undefined
}

const mismatch = (detail: string) => err({ code: 'header_mismatch', detail } as const)

function legacyVersion(message: Message, header: string | undefined): Result<string, RefusalAt<'parse'>> {
  // initialize negotiates in its body: the server answers with a version that it does serve
  if (message.method === 'initialize') {
    const asked = message.params['protocolVersion']
    return ok(typeof asked === 'string' && LEGACY_VERSIONS.includes(asked) ? asked : (LEGACY_VERSIONS[0] ?? ''))
  }
  if (header === undefined) return ok(ASSUMED_LEGACY_VERSION)
  return LEGACY_VERSIONS.includes(header) ? ok(header) : err({ code: 'unsupported_version', requested: header })
}

const mirroredOf = (headers: Headers): ReadonlyMap<string, string> =>
  new Map([...headers].filter(([name]) => name.startsWith('mcp-param-')))
