import { describe, expect, test } from '@jest/globals'
import { type Detail, refusalMessage } from '../../../src/mcp/refusal-message.ts'
import type { Era } from '../../../src/model/call.ts'
import { REFUSALS, type RefusalCode } from '../../../src/model/refusal.ts'
import { REFUSAL_OF } from './refusals.ts'

const INFO = { name: 'portcullis', version: '1.2.3', instructions: '' }
const DECISION = 'dec-1'
const CODES = Object.keys(REFUSALS) as RefusalCode[]
const ERAS: readonly Era[] = ['legacy', 'modern']
const DETAILS: readonly Detail[] = ['full', 'minimal']

type Body = Record<string, unknown>
const plain = (error: string, message: string): Body => ({ error, message })
const rpc = (code: number, message: string, data?: Body): Body => ({
  jsonrpc: '2.0',
  id: 7,
  error: { code, message, ...(data !== undefined && { data }) },
})

const asked = (code: string, more: Body = {}): Body => ({ code, ...more, decision_id: DECISION })
const FAULTS = [
  { pointer: '/path', expected: 'is required' },
  { pointer: '', expected: 'must be object' },
]
const REASONS = [
  { code: 'paths.outside', message: 'The path lies outside' },
  { code: 'tools.role_granted', message: 'No role grants this tool' },
]
const LEGACY_TOO = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
const TOKEN = plain('unauthorized', 'A valid access token is required')
const UNKNOWN = rpc(-32602, 'Unknown tool: wipe')
const NO_DECISION = rpc(-31500, `No decision could be made (decision ${DECISION})`, asked('no_decision'))
const unavailable = (seconds: number): Body =>
  rpc(
    -31503,
    `The service is temporarily unavailable. Retry in ${seconds} s (decision ${DECISION})`,
    asked('unavailable', { retry_after_seconds: seconds }),
  )

/** The whole body of each code for a method that is not `tools/call`, in full detail. */
const BODY_OF: Readonly<Record<RefusalCode, Body>> = {
  host_not_allowed: plain('host_not_allowed', 'This host name is not served here'),
  origin_not_allowed: plain('origin_not_allowed', 'This origin is not allowed'),
  bad_request: plain('bad_request', 'The HTTP request is malformed'),
  not_found: plain('not_found', 'There is nothing at this path'),
  method_not_allowed: plain('method_not_allowed', 'Only POST is served here; this server keeps no sessions'),
  not_acceptable: plain('not_acceptable', 'Accept must name application/json and text/event-stream'),
  request_timeout: plain('request_timeout', 'The request did not arrive in time'),
  body_too_large: plain('body_too_large', 'The request body is too large'),
  unsupported_media_type: plain(
    'unsupported_media_type',
    'Content-Type must be application/json, without a Content-Encoding',
  ),
  headers_too_large: plain('headers_too_large', 'Too many or too large request headers'),
  rate_limited: plain('rate_limited', 'Too many requests; retry later'),
  overloaded: plain('overloaded', 'The server is busy; retry later'),
  authorization_malformed: plain('authorization_malformed', 'The Authorization header is malformed'),
  token_missing: TOKEN,
  token_invalid: TOKEN,
  malformed_json: { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' } },
  invalid_request: rpc(-32600, 'Invalid request: id must be a string or an integer'),
  invalid_envelope: rpc(-32602, 'Invalid request metadata: _meta lacks a key'),
  header_mismatch: rpc(-32020, 'Header mismatch: Mcp-Name is missing'),
  capability_missing: rpc(-32021, 'A required client capability is missing', {
    requiredCapabilities: { sampling: {} },
  }),
  unsupported_version: rpc(-32022, 'Unsupported protocol version', {
    supported: LEGACY_TOO,
    requested: '2099-01-01',
  }),
  method_not_found: rpc(-32601, 'Method not found'),
  input_too_large: rpc(-32600, 'More keys, depth or bytes than a decision takes'),
  unknown_tool: UNKNOWN,
  unknown_prompt: rpc(-32602, 'Unknown prompt: greet'),
  unknown_resource: rpc(-32602, 'Resource not found: test://gone', { uri: 'test://gone' }),
  hidden: UNKNOWN,
  foreign_state: rpc(-32602, 'What came back answers nothing that this server asked you for, or it came too late'),
  invalid_arguments: rpc(-32602, 'Invalid arguments: /path is required; / must be object', {
    code: 'invalid_arguments',
    faults: FAULTS,
  }),
  denied: rpc(
    -31403,
    `Denied by policy: The path lies outside [paths.outside]; No role grants this tool [tools.role_granted] (decision ${DECISION})`,
    asked('denied', { reasons: REASONS }),
  ),
  insufficient_scope: plain('insufficient_scope', 'The access token lacks a scope that this operation needs'),
  no_decision: NO_DECISION,
  quota_exhausted: rpc(
    -31429,
    `A limit is used up: "readFile per minute", 60 of 60 used, resets at 2026-11-22T10:01:00.000Z. Retry in 7 s (decision ${DECISION})`,
    asked('quota_exhausted', {
      name: 'readFile per minute',
      limit: 60,
      used: 60,
      resets_at: '2026-11-22T10:01:00.000Z',
      retry_after_seconds: 7,
    }),
  ),
  quota_unavailable: unavailable(1),
  log_unavailable: unavailable(5),
  tool_failed: rpc(-31502, `The tool failed (decision ${DECISION})`, asked('tool_failed')),
  broken: NO_DECISION,
}

/** What says something else on one of the wires. */
function ofEra(code: RefusalCode, era: Era, body: Body): Body {
  const error = body['error'] as Body
  if (code === 'unknown_resource' && era === 'legacy') return { ...body, error: { ...error, code: -32002 } }
  if (code !== 'unsupported_version' || era === 'legacy') return body
  return { ...body, error: { ...error, data: { supported: ['2026-07-28'], requested: '2099-01-01' } } }
}

const minimalOf = (code: RefusalCode): Body =>
  code === 'denied' ? rpc(-31403, `Denied by policy (decision ${DECISION})`, asked('denied')) : BODY_OF[code]

/** What a `tools/call` gets instead of a JSON-RPC error: a result that a model reads. */
const AS_TOOL_RESULT: readonly RefusalCode[] = [
  'invalid_arguments',
  'denied',
  'no_decision',
  'quota_exhausted',
  'quota_unavailable',
  'log_unavailable',
  'tool_failed',
  'broken',
]

function asToolResult(body: Body, era: Era): Body {
  const { message, data } = body['error'] as { message: string; data: Body }
  const content = [{ type: 'text', text: message }]
  const result =
    era === 'legacy'
      ? { content, isError: true, _meta: { 'io.portcullis/refusal': data } }
      : {
          resultType: 'complete',
          content,
          isError: true,
          _meta: {
            'io.portcullis/refusal': data,
            'io.modelcontextprotocol/serverInfo': { name: 'portcullis', version: '1.2.3' },
          },
        }
  return { jsonrpc: '2.0', id: 7, result }
}

describe('the body of a refusal', () => {
  const cases = CODES.flatMap((code) => ERAS.flatMap((era) => DETAILS.map((detail) => ({ code, era, detail }))))

  test.each(cases)('$code, $era, $detail: of a list', ({ code, era, detail }) => {
    const about = { era, id: 7, method: 'tools/list', decisionId: DECISION }
    const expected = ofEra(code, era, detail === 'full' ? BODY_OF[code] : minimalOf(code))
    expect(refusalMessage(REFUSAL_OF[code], about, INFO, detail)).toStrictEqual(expected)
  })

  test.each(cases)('$code, $era, $detail: of a call', ({ code, era, detail }) => {
    const about = { era, id: 7, method: 'tools/call', decisionId: DECISION }
    const body = ofEra(code, era, detail === 'full' ? BODY_OF[code] : minimalOf(code))
    const expected = AS_TOOL_RESULT.includes(code) ? asToolResult(body, era) : body
    expect(refusalMessage(REFUSAL_OF[code], about, INFO, detail)).toStrictEqual(expected)
  })

  test.each(CODES)('%s: says nothing of its cause', (code) => {
    for (const method of ['tools/call', 'tools/list']) {
      const about = { era: 'legacy', id: 7, method, decisionId: DECISION } as const
      expect(JSON.stringify(refusalMessage(REFUSAL_OF[code], about, INFO, 'full'))).not.toContain('SECRET')
    }
  })

  test('has no id where none could be read, and none for text that is no JSON', () => {
    const about = { era: 'legacy', decisionId: DECISION } as const
    expect(refusalMessage(REFUSAL_OF.method_not_found, about, INFO, 'full')).toStrictEqual({
      jsonrpc: '2.0',
      error: { code: -32601, message: 'Method not found' },
    })
    expect(refusalMessage(REFUSAL_OF.malformed_json, { ...about, id: 7 }, INFO, 'full')).toStrictEqual(
      BODY_OF.malformed_json,
    )
  })

  test('keeps the ids 0 and ""', () => {
    for (const id of [0, '']) {
      const about = { era: 'legacy', id, decisionId: DECISION } as const
      expect(refusalMessage(REFUSAL_OF.hidden, about, INFO, 'full')).toMatchObject({ id })
    }
  })

  test('a denial without reasons is worded without them', () => {
    const about = { era: 'legacy', id: 7, method: 'ping', decisionId: DECISION } as const
    expect(refusalMessage({ code: 'denied', reasons: [] }, about, INFO, 'full')).toStrictEqual(
      rpc(-31403, `Denied by policy (decision ${DECISION})`, asked('denied', { reasons: [] })),
    )
  })
})

describe('no code of our own lies in the range that MCP reserves', () => {
  const own = CODES.filter((code) => 'rpc' in REFUSALS[code] && 'asToolResult' in REFUSALS[code])
  test.each(own.filter((code) => code !== 'invalid_arguments'))('%s', (code) => {
    const row = REFUSALS[code]
    expect('rpc' in row && row.rpc).toBeGreaterThan(-32000)
  })
})
