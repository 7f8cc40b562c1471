import { REFUSALS, type RefusalCode } from '../../model/refusal.ts'

/** What a refusal means to whoever runs the server. Callers read other words: those of the refusal itself. */
const MEANINGS: Readonly<Record<RefusalCode, string>> = {
  host_not_allowed: 'The Host header named none of `allowed_hosts`; no token was looked at.',
  origin_not_allowed: 'A browser page of an origin outside `allowed_origins` sent it; no token was looked at.',
  bad_request: 'It was no well-formed HTTP request.',
  not_found: 'Nothing is served at the path that was asked for.',
  method_not_allowed: 'Something other than POST was sent to the MCP endpoint.',
  not_acceptable: 'The client does not accept both application/json and text/event-stream.',
  request_timeout: 'The request did not arrive within `limits.request_timeout_ms`.',
  body_too_large: 'The body was larger than `limits.body_bytes`; it was not read to its end.',
  unsupported_media_type: 'The body was not plain application/json.',
  headers_too_large: 'There were more headers, or larger ones, than are taken.',
  rate_limited: 'The flood protection of this address or subject was used up, before policy was asked.',
  overloaded: 'More requests were in flight than are taken, before policy was asked.',
  authorization_malformed: 'There was more than one Authorization header or token, or none where one was announced.',
  token_missing: 'No bearer token came with it, so there was nobody to decide about.',
  token_invalid: 'The access token was not accepted, so there was nobody to decide about.',
  malformed_json: 'The body was no strict JSON: a duplicate key, a wrong encoding or a syntax error.',
  invalid_request: 'The message was no valid JSON-RPC request of MCP.',
  invalid_envelope: 'The metadata of the request lacked what its protocol version asks for.',
  header_mismatch: 'A header said something else than the message.',
  capability_missing: 'The client did not declare a capability that the request needs.',
  unsupported_version: 'The client speaks a protocol version that is not served.',
  method_not_found: 'No such MCP method is offered; nothing was decided.',
  input_too_large: 'The question had more keys, depth or bytes than a decision takes.',
  unknown_tool: 'No tool has this name; policy was asked all the same, so that nobody can tell it from a hidden one.',
  unknown_prompt:
    'No prompt has this name; policy was asked all the same, so that nobody can tell it from a hidden one.',
  unknown_resource:
    'No resource is at this URI; policy was asked all the same, so that nobody can tell it from a hidden one.',
  hidden: 'Policy hides this from the caller; it was answered as if it did not exist.',
  invalid_arguments: 'Policy shows the tool to the caller, but the arguments did not fit its schema.',
  foreign_state:
    'The state that came back with the call was made for another caller or call, was altered, or is too old.',
  denied: 'Policy denied this call.',
  insufficient_scope: 'Only scopes of the access token were missing; the client was told which.',
  no_decision: 'The policy gave no usable decision, and what is not decided is refused.',
  quota_exhausted: 'Policy permitted it, but a limit was used up. More roles or scopes change nothing about that.',
  quota_unavailable: 'Policy permitted it, but the limit store could not be reached.',
  log_unavailable: 'The decision could not be recorded, and what is not recorded is not done.',
  tool_failed: 'Policy permitted it; the tool itself failed.',
  broken: 'Something in the server broke, and what breaks is refused.',
}

export function refusalMeaning(code: string): string {
  return isRefusalCode(code) ? MEANINGS[code] : 'This version knows no such refusal.'
}

const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(REFUSALS, code)
