import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../../lib/strict-json.ts'
import type { McpCall, Unreadable } from '../../model/call.ts'
import type { Exchange } from '../../model/exchange.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Refusal } from '../../model/refusal.ts'
import type { AdminAction } from './actions.ts'

/** What is asked of administration: the call that policy decides on, and the bundle that came with it. */
export type AdminCall = { readonly call: McpCall; readonly bundle?: Uint8Array }

type Arguments = Result<JsonObject, Refusal>

/** The parse step of administration. A bundle reaches policy and record as its size and digest. */
export async function receiveAdmin(exchange: Exchange, action: AdminAction): Promise<Result<AdminCall, Unreadable>> {
  const body = await exchange.body()
  if (!body.ok) return err({ era: 'modern', refusal: body.error })
  const read = argumentsOf(action, body.value)
  if (!read.ok) return err({ era: 'modern', refusal: read.error })
  const call = adminCall(exchange, action, read.value, body.value.byteLength)
  return ok(action === 'policy/check' ? { call, bundle: body.value } : { call })
}

/** The call that policy decides on: of no protocol version, since it is not MCP. */
export const adminCall = (
  { requestId }: Pick<Exchange, 'requestId'>,
  action: AdminAction,
  params: JsonObject,
  bytes: number,
): McpCall => ({
  era: 'modern',
  protocolVersion: '',
  id: requestId,
  method: action,
  target: { type: 'server' },
  params,
  mirrored: new Map(),
  bytes,
})

function argumentsOf(action: AdminAction, body: Uint8Array): Arguments {
  switch (action) {
    case 'policy/check':
      if (body.byteLength === 0) return malformed('expected a bundle as the body')
      return ok({ bytes: body.byteLength, sha256: sha256(body) })
    case 'policy/activate':
      return digestIn(body)
    case 'policy/read':
    case 'policy/rollback':
    case 'policy/shadow':
      return body.byteLength === 0 ? ok({}) : malformed('expected no body')
  }
}

function digestIn(body: Uint8Array): Arguments {
  const text = decodeUtf8(body)
  const json = text.ok ? parseStrictJson(text.value, { depth: 2 }) : text
  if (!json.ok) return err({ code: 'malformed_json' })
  const { value } = json
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const [name, digest] = members[0] ?? []
  if (members.length !== 1 || name !== 'sha256' || typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) {
    return malformed('expected {"sha256": "<digest of the candidate, 64 hexadecimal digits>"}')
  }
  return ok({ sha256: digest })
}

const malformed = (detail: string) => err({ code: 'invalid_request', detail } as const)
