import type { LimitState } from '../../../src/model/grant.ts'
import type { Refusal, RefusalCode } from '../../../src/model/refusal.ts'

export const EXHAUSTED: LimitState = {
  name: 'readFile per minute',
  kind: 'rate',
  limit: 60,
  used: 60,
  period_seconds: 60,
  resets_at: '2026-11-22T10:01:00.000Z',
  retry_after_seconds: 7,
  shadow: false,
}

/** One refusal of every code, with every fact that it can carry. */
export const REFUSAL_OF: { readonly [C in RefusalCode]: Refusal<C> } = {
  host_not_allowed: { code: 'host_not_allowed' },
  origin_not_allowed: { code: 'origin_not_allowed' },
  bad_request: { code: 'bad_request' },
  not_found: { code: 'not_found' },
  method_not_allowed: { code: 'method_not_allowed' },
  not_acceptable: { code: 'not_acceptable' },
  request_timeout: { code: 'request_timeout' },
  body_too_large: { code: 'body_too_large' },
  unsupported_media_type: { code: 'unsupported_media_type' },
  headers_too_large: { code: 'headers_too_large' },
  rate_limited: { code: 'rate_limited', retryAfterSeconds: 3 },
  overloaded: { code: 'overloaded', retryAfterSeconds: 4 },
  authorization_malformed: { code: 'authorization_malformed' },
  token_missing: { code: 'token_missing' },
  token_invalid: { code: 'token_invalid', cause: 'SECRET expired at 5' },
  malformed_json: { code: 'malformed_json' },
  invalid_request: { code: 'invalid_request', detail: 'id must be a string or an integer' },
  invalid_envelope: { code: 'invalid_envelope', detail: '_meta lacks a key' },
  header_mismatch: { code: 'header_mismatch', detail: 'Mcp-Name is missing' },
  capability_missing: { code: 'capability_missing', required: ['sampling'] },
  unsupported_version: { code: 'unsupported_version', requested: '2099-01-01' },
  method_not_found: { code: 'method_not_found' },
  input_too_large: { code: 'input_too_large' },
  unknown_tool: { code: 'unknown_tool', name: 'wipe' },
  unknown_prompt: { code: 'unknown_prompt', name: 'greet' },
  unknown_resource: { code: 'unknown_resource', name: 'test://gone' },
  hidden: { code: 'hidden', name: 'wipe' },
  foreign_state: { code: 'foreign_state' },
  invalid_arguments: {
    code: 'invalid_arguments',
    faults: [
      { pointer: '/path', expected: 'is required' },
      { pointer: '', expected: 'must be object' },
    ],
  },
  denied: {
    code: 'denied',
    reasons: [
      { code: 'paths.outside', message: 'The path lies outside' },
      { code: 'tools.role_granted', message: 'No role grants this tool' },
    ],
  },
  insufficient_scope: { code: 'insufficient_scope', scopes: ['mcp:write', 'bad"scope', 'mcp:call'] },
  no_decision: { code: 'no_decision', cause: 'SECRET wasm trap' },
  quota_exhausted: { code: 'quota_exhausted', exhausted: EXHAUSTED, states: [EXHAUSTED] },
  quota_unavailable: { code: 'quota_unavailable', retryAfterSeconds: 1 },
  log_unavailable: { code: 'log_unavailable', retryAfterSeconds: 5 },
  tool_failed: { code: 'tool_failed' },
  broken: { code: 'broken', cause: 'SECRET stack' },
}
