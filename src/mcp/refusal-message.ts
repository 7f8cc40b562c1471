import type { Era } from '../model/call.ts'
import type { JsonObject } from '../model/json.ts'
import { REFUSALS, type Refusal } from '../model/refusal.ts'
import { SERVER_INFO_KEY } from './envelope.ts'
import type { ServerInfo } from './protocol.ts'
import { MODERN_VERSIONS, SUPPORTED_VERSIONS } from './versions.ts'

/** What is known of the request that is refused. */
export type Refused = {
  readonly era: Era
  readonly id?: string | number
  readonly method?: string
  readonly decisionId: string
}

/** `minimal` hides codes and titles of a denial. */
export type Detail = 'full' | 'minimal'

const REFUSAL_KEY = 'io.portcullis/refusal'

/**
 * The JSON body of a refusal: a tool result where a model should read it, else a JSON-RPC error, else our
 * own error object for what is not JSON-RPC. The machine-readable part of a tool result lies in `_meta`,
 * because 1.x clients hold `structuredContent` of an error against the tool's output schema.
 */
export function refusalMessage(refusal: Refusal, about: Refused, info: ServerInfo, detail: Detail): JsonObject {
  const row = REFUSALS[refusal.code]
  const text = textOf(refusal, about, detail)
  if (!('rpc' in row)) return { error: row.http === 401 ? 'unauthorized' : refusal.code, message: text }
  const id = refusal.code === 'malformed_json' || about.id === undefined ? {} : { id: about.id }
  if ('asToolResult' in row && about.method === 'tools/call') {
    const result = refusalResult(refusal, about, detail)
    if (about.era === 'legacy') return { jsonrpc: '2.0', ...id, result }
    const _meta = { ...result._meta, [SERVER_INFO_KEY]: { name: info.name, version: info.version } }
    return { jsonrpc: '2.0', ...id, result: { resultType: 'complete', ...result, _meta } }
  }
  const facts = factsOf(refusal, about, detail)
  const code = isResource(refusal) && about.era === 'legacy' ? LEGACY_RESOURCE_NOT_FOUND : row.rpc
  const error = { code, message: text, ...(facts !== undefined && { data: facts }) }
  return { jsonrpc: '2.0', ...id, error }
}

/** MCP 2025-11-25 and before; 2026-07-28 retired it for -32602. */
const LEGACY_RESOURCE_NOT_FOUND = -32002

const isResource = (refusal: Refusal): boolean =>
  refusal.code === 'unknown_resource' || (refusal.code === 'hidden' && refusal.as === 'unknown_resource')

type RefusalResult = {
  readonly content: readonly [{ readonly type: 'text'; readonly text: string }]
  readonly isError: true
  readonly _meta: JsonObject
}

/** The refusal of a `tools/call` as a result that a model reads, before it is framed. */
export function refusalResult(refusal: Refusal, about: Decision, detail: Detail): RefusalResult {
  const facts = factsOf(refusal, about, detail)
  const _meta = facts === undefined ? {} : { [REFUSAL_KEY]: facts }
  return { content: [{ type: 'text', text: textOf(refusal, about, detail) }], isError: true, _meta }
}

type Decision = Pick<Refused, 'decisionId'> & Partial<Pick<Refused, 'era'>>

function textOf(refusal: Refusal, about: Decision, detail: Detail): string {
  const { text } = REFUSALS[refusal.code]
  const reference = `(decision ${about.decisionId})`
  switch (refusal.code) {
    case 'hidden':
      return textOf({ code: refusal.as ?? 'unknown_tool', name: refusal.name }, about, detail)
    case 'unknown_tool':
    case 'unknown_prompt':
    case 'unknown_resource':
      return `${text}: ${refusal.name}`
    case 'invalid_request':
    case 'invalid_envelope':
    case 'header_mismatch':
      return `${text}: ${refusal.detail}`
    case 'invalid_arguments':
      return `${text}: ${refusal.faults.map(({ pointer, expected }) => `${pointer || '/'} ${expected}`).join('; ')}`
    case 'denied': {
      const reasons = refusal.reasons.map(({ code, message }) => `${message} [${code}]`).join('; ')
      return detail === 'minimal' || reasons === '' ? `${text} ${reference}` : `${text}: ${reasons} ${reference}`
    }
    case 'quota_exhausted': {
      const { name, limit, used, resets_at, retry_after_seconds } = refusal.exhausted
      const figures = `"${name}", ${used} of ${limit} used, resets at ${resets_at}`
      return `${text}: ${figures}. Retry in ${retry_after_seconds} s ${reference}`
    }
    case 'no_decision':
    case 'tool_failed':
    case 'broken':
      return `${text} ${reference}`
    case 'quota_unavailable':
    case 'log_unavailable':
      return `${text}. Retry in ${refusal.retryAfterSeconds} s ${reference}`
    default:
      return text
  }
}

/** The machine-readable part: JSON-RPC `error.data`, or `_meta` of a tool result. */
function factsOf(refusal: Refusal, about: Decision, detail: Detail): JsonObject | undefined {
  const decision = { decision_id: about.decisionId }
  switch (refusal.code) {
    case 'unsupported_version':
      return { supported: about.era === 'modern' ? MODERN_VERSIONS : SUPPORTED_VERSIONS, requested: refusal.requested }
    case 'unknown_resource':
      return { uri: refusal.name }
    case 'hidden':
      return refusal.as === 'unknown_resource' ? { uri: refusal.name } : undefined
    case 'capability_missing':
      return { requiredCapabilities: Object.fromEntries(refusal.required.map((capability) => [capability, {}])) }
    case 'invalid_arguments':
      return { code: refusal.code, faults: refusal.faults.map(({ pointer, expected }) => ({ pointer, expected })) }
    case 'denied': {
      const reasons = refusal.reasons.map(({ code, message }) => ({ code, message }))
      return { code: refusal.code, ...(detail === 'full' && { reasons }), ...decision }
    }
    case 'quota_exhausted': {
      const { name, limit, used, resets_at, retry_after_seconds } = refusal.exhausted
      return { code: refusal.code, name, limit, used, resets_at, retry_after_seconds, ...decision }
    }
    case 'quota_unavailable':
    case 'log_unavailable':
      return { code: 'unavailable', retry_after_seconds: refusal.retryAfterSeconds, ...decision }
    case 'no_decision':
    case 'broken':
      return { code: 'no_decision', ...decision }
    case 'tool_failed':
      return { code: refusal.code, ...decision }
    default:
      return undefined
  }
}
