import type { ClientCapability } from './caller.ts'
import type { Reason } from './decision.ts'
import type { ArgumentFault } from './described.ts'
import type { LimitState } from './grant.ts'

/** The step of the walk that refused. */
export type Stage = 'guard' | 'authenticate' | 'parse' | 'decide' | 'meter' | 'record' | 'perform'

type Row = {
  readonly stage: Stage
  /** HTTP status on the wire. */
  readonly http: number
  /** HTTP status with `denials.http_status: true`, where it differs. */
  readonly audited?: number
  /** JSON-RPC error code. Absent: the body is our own error object, not JSON-RPC. */
  readonly rpc?: number
  /** True: a `tools/call` is answered by a tool result with `isError: true`, which a model reads. */
  readonly asToolResult?: true
  /** The text the caller sees. */
  readonly text: string
}

/**
 * Every answer that is not the thing asked for. The only place where a code becomes HTTP and JSON-RPC.
 *
 * Codes of our own lie outside -32768…-32000: MCP 2026-07-28 reserves or retires that whole range.
 */
export const REFUSALS = {
  host_not_allowed: { stage: 'guard', http: 403, text: 'This host name is not served here' },
  origin_not_allowed: { stage: 'guard', http: 403, text: 'This origin is not allowed' },
  bad_request: { stage: 'guard', http: 400, text: 'The HTTP request is malformed' },
  not_found: { stage: 'guard', http: 404, text: 'There is nothing at this path' },
  method_not_allowed: { stage: 'guard', http: 405, text: 'Only POST is served here; this server keeps no sessions' },
  not_acceptable: { stage: 'guard', http: 406, text: 'Accept must name application/json and text/event-stream' },
  request_timeout: { stage: 'guard', http: 408, text: 'The request did not arrive in time' },
  body_too_large: { stage: 'guard', http: 413, text: 'The request body is too large' },
  unsupported_media_type: {
    stage: 'guard',
    http: 415,
    text: 'Content-Type must be application/json, without a Content-Encoding',
  },
  headers_too_large: { stage: 'guard', http: 431, text: 'Too many or too large request headers' },
  rate_limited: { stage: 'guard', http: 429, text: 'Too many requests; retry later' },
  overloaded: { stage: 'guard', http: 503, text: 'The server is busy; retry later' },
  authorization_malformed: { stage: 'authenticate', http: 400, text: 'The Authorization header is malformed' },
  token_missing: { stage: 'authenticate', http: 401, text: 'A valid access token is required' },
  token_invalid: { stage: 'authenticate', http: 401, text: 'A valid access token is required' },
  malformed_json: { stage: 'parse', http: 400, rpc: -32700, text: 'Parse error' },
  invalid_request: { stage: 'parse', http: 400, rpc: -32600, text: 'Invalid request' },
  invalid_envelope: { stage: 'parse', http: 400, rpc: -32602, text: 'Invalid request metadata' },
  header_mismatch: { stage: 'parse', http: 400, rpc: -32020, text: 'Header mismatch' },
  capability_missing: { stage: 'parse', http: 400, rpc: -32021, text: 'A required client capability is missing' },
  unsupported_version: { stage: 'parse', http: 400, rpc: -32022, text: 'Unsupported protocol version' },
  method_not_found: { stage: 'parse', http: 200, rpc: -32601, text: 'Method not found' },
  input_too_large: { stage: 'decide', http: 200, rpc: -32600, text: 'More keys, depth or bytes than a decision takes' },
  unknown_tool: { stage: 'decide', http: 200, rpc: -32602, text: 'Unknown tool' },
  unknown_prompt: { stage: 'decide', http: 200, rpc: -32602, text: 'Unknown prompt' },
  unknown_resource: { stage: 'decide', http: 200, rpc: -32602, text: 'Resource not found' },
  hidden: { stage: 'decide', http: 200, rpc: -32602, text: 'Unknown tool' },
  invalid_arguments: { stage: 'decide', http: 200, asToolResult: true, rpc: -32602, text: 'Invalid arguments' },
  foreign_state: {
    stage: 'decide',
    http: 200,
    rpc: -32602,
    text: 'What came back answers nothing that this server asked you for, or it came too late',
  },
  denied: { stage: 'decide', http: 200, audited: 403, asToolResult: true, rpc: -31403, text: 'Denied by policy' },
  insufficient_scope: { stage: 'decide', http: 403, text: 'The access token lacks a scope that this operation needs' },
  no_decision: {
    stage: 'decide',
    http: 200,
    audited: 503,
    asToolResult: true,
    rpc: -31500,
    text: 'No decision could be made',
  },
  quota_exhausted: {
    stage: 'meter',
    http: 200,
    audited: 429,
    asToolResult: true,
    rpc: -31429,
    text: 'A limit is used up',
  },
  quota_unavailable: {
    stage: 'meter',
    http: 200,
    audited: 503,
    asToolResult: true,
    rpc: -31503,
    text: 'The service is temporarily unavailable',
  },
  log_unavailable: {
    stage: 'record',
    http: 200,
    audited: 503,
    asToolResult: true,
    rpc: -31503,
    text: 'The service is temporarily unavailable',
  },
  tool_failed: { stage: 'perform', http: 200, asToolResult: true, rpc: -31502, text: 'The tool failed' },
  broken: {
    stage: 'perform',
    http: 200,
    audited: 503,
    asToolResult: true,
    rpc: -31500,
    text: 'No decision could be made',
  },
} as const satisfies Record<string, Row>

export type RefusalCode = keyof typeof REFUSALS

/** Facts that some codes carry, for the caller or for the record. */
type Facts = {
  rate_limited: { readonly retryAfterSeconds: number }
  overloaded: { readonly retryAfterSeconds: number }
  /** Why the token was not accepted: for the record alone. */
  token_invalid: { readonly cause: string }
  invalid_request: { readonly detail: string }
  invalid_envelope: { readonly detail: string }
  header_mismatch: { readonly detail: string }
  capability_missing: { readonly required: readonly ClientCapability[] }
  unsupported_version: { readonly requested: string }
  unknown_tool: { readonly name: string }
  unknown_prompt: { readonly name: string }
  unknown_resource: { readonly name: string }
  /** `as`: what it is answered as, when it is no tool. */
  hidden: { readonly name: string; readonly as?: 'unknown_prompt' | 'unknown_resource' }
  invalid_arguments: { readonly faults: readonly ArgumentFault[] }
  denied: { readonly reasons: readonly Reason[] }
  insufficient_scope: { readonly scopes: readonly string[] }
  no_decision: { readonly cause: string }
  quota_exhausted: { readonly exhausted: LimitState; readonly states: readonly LimitState[] }
  quota_unavailable: { readonly retryAfterSeconds: number }
  log_unavailable: { readonly retryAfterSeconds: number }
  broken: { readonly cause: string }
}

type RefusalOf<C extends RefusalCode> = C extends keyof Facts ? { readonly code: C } & Facts[C] : { readonly code: C }

/** A refusal is a value: its code, and the facts that code carries. */
export type Refusal<C extends RefusalCode = RefusalCode> = C extends RefusalCode ? RefusalOf<C> : never

/** The refusals a step may end with. */
export type RefusalAt<S extends Stage> = Refusal<
  { [C in RefusalCode]: (typeof REFUSALS)[C]['stage'] extends S ? C : never }[RefusalCode]
>
