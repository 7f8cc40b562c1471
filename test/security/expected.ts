import { expect } from '@jest/globals'
import type { Id } from './scene.ts'
import type { Answer } from './wire.ts'

/** What the product promises to answer, written out here once more and not taken from its sources. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
}
const METADATA = 'resource_metadata="http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp"'
const SERVER = { 'io.modelcontextprotocol/serverInfo': { name: 'portcullis', version: '0.0.0' } }
const DECISION = '<decision>'

/** An answer that a test compares as a whole; ids of decisions, which are new each time, are replaced. */
export type Readable = { readonly status: number; readonly headers: object; readonly body: unknown }

const DECISION_ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g
/** Of CORS, on every answer; they have tests of their own. */
const CORS = ['access-control-expose-headers', 'vary']

export function readable({ status, headers, body }: Answer): Readable {
  const text = body.replaceAll(DECISION_ID, DECISION)
  const kept = Object.entries(headers).filter(([name]) => !CORS.includes(name))
  return { status, headers: Object.fromEntries(kept), body: readBody(text, headers['content-type']) }
}

function readBody(text: string, type: string | undefined): unknown {
  if (text === '') return undefined
  if (type?.startsWith('text/event-stream')) return JSON.parse(/^event: message\ndata: (.*)\n\n$/.exec(text)?.[1] ?? '')
  return type?.startsWith('application/json') ? JSON.parse(text) : text
}

const refusal = (status: number, body: object | undefined, headers: object = {}): Readable => ({
  status,
  headers: { ...HEADERS, ...headers },
  body,
})

const toolRefusal = (id: Id, text: string, facts: object) =>
  refusal(200, {
    jsonrpc: '2.0',
    id,
    result: {
      resultType: 'complete',
      content: [{ type: 'text', text }],
      isError: true,
      _meta: { 'io.portcullis/refusal': facts, ...SERVER },
    },
  })

export const rpcError = (status: number, code: number, message: string, id?: Id, data?: object) =>
  refusal(status, {
    jsonrpc: '2.0',
    ...(id !== undefined && { id }),
    error: { code, message, ...(data !== undefined && { data }) },
  })

const unauthorized = (challenge: string) =>
  refusal(
    401,
    { error: 'unauthorized', message: 'A valid access token is required' },
    { 'www-authenticate': `Bearer ${challenge}scope="mcp:read", ${METADATA}` },
  )
/** Of a token that is not accepted: the same for every cause. */
export const UNAUTHORIZED = unauthorized('error="invalid_token", ')
/** Of a request without a token. */
export const NO_TOKEN = unauthorized('')
export const AUTHORIZATION_MALFORMED = refusal(
  400,
  { error: 'authorization_malformed', message: 'The Authorization header is malformed' },
  { 'www-authenticate': `Bearer error="invalid_request", ${METADATA}` },
)
export const insufficientScope = (scope: string) =>
  refusal(
    403,
    { error: 'insufficient_scope', message: 'The access token lacks a scope that this operation needs' },
    { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}", ${METADATA}` },
  )
export const PARSE_ERROR = rpcError(400, -32700, 'Parse error')
export const HOST_NOT_ALLOWED = refusal(403, {
  error: 'host_not_allowed',
  message: 'This host name is not served here',
})
export const ORIGIN_NOT_ALLOWED = refusal(403, {
  error: 'origin_not_allowed',
  message: 'This origin is not allowed',
})
export const BAD_REQUEST = refusal(400, { error: 'bad_request', message: 'The HTTP request is malformed' })
export const BODY_TOO_LARGE = refusal(413, { error: 'body_too_large', message: 'The request body is too large' })
export const UNSUPPORTED_MEDIA_TYPE = refusal(415, {
  error: 'unsupported_media_type',
  message: 'Content-Type must be application/json, without a Content-Encoding',
})
export const NOT_FOUND = refusal(404, { error: 'not_found', message: 'There is nothing at this path' })
export const METHOD_NOT_ALLOWED = refusal(
  405,
  { error: 'method_not_allowed', message: 'Only POST is served here; this server keeps no sessions' },
  { allow: 'POST' },
)
export const HEADERS_TOO_LARGE = refusal(431, {
  error: 'headers_too_large',
  message: 'Too many or too large request headers',
})
export const REQUEST_TIMEOUT = refusal(408, {
  error: 'request_timeout',
  message: 'The request did not arrive in time',
})
export const OVERLOADED = refusal(
  503,
  { error: 'overloaded', message: 'The server is busy; retry later' },
  { 'retry-after': '1' },
)
/** What the HTTP parser says of itself, before anything of ours runs. */
export const PARSER_ERROR: Readable = { status: 400, headers: {}, body: undefined }
export const rateLimited = (seconds: number) =>
  refusal(429, { error: 'rate_limited', message: 'Too many requests; retry later' }, { 'retry-after': String(seconds) })

export const invalidRequest = (detail: string, id?: Id) => rpcError(400, -32600, `Invalid request: ${detail}`, id)
export const headerMismatch = (detail: string, id: Id = 1) => rpcError(400, -32020, `Header mismatch: ${detail}`, id)
export const methodNotFound = (id: Id = 1) => rpcError(404, -32601, 'Method not found', id)
export const legacyMethodNotFound = (id: Id = 1) => rpcError(200, -32601, 'Method not found', id)
export const unknownTool = (name: string, id: Id = 1) => rpcError(200, -32602, `Unknown tool: ${name}`, id)

const TITLES = {
  'paths.outside': 'A path lies outside what the caller may use',
  'paths.never': 'A path contains a name that is closed to everyone',
  'writeFile.dot_name': 'writeFile writes no names that begin with a dot',
  'requests.size': "The request is larger than the caller's plan allows",
} as const

export function denied(codes: readonly (keyof typeof TITLES)[], id: Id = 1): Readable {
  const reasons = codes.map((code) => ({ code, message: TITLES[code] }))
  const text = reasons.map(({ code, message }) => `${message} [${code}]`).join('; ')
  const facts = { code: 'denied', reasons, decision_id: DECISION }
  return toolRefusal(id, `Denied by policy: ${text} (decision ${DECISION})`, facts)
}

type Fault = readonly [pointer: string, expected: string]

export function invalidArguments(faults: readonly Fault[], id: Id = 1): Readable {
  const listed = faults.map(([pointer, expected]) => ({ pointer, expected }))
  const text = faults.map(([pointer, expected]) => `${pointer || '/'} ${expected}`).join('; ')
  return toolRefusal(id, `Invalid arguments: ${text}`, { code: 'invalid_arguments', faults: listed })
}

export const quotaUnavailable = (id: Id = 1): Readable => {
  const text = `The service is temporarily unavailable. Retry in 1 s (decision ${DECISION})`
  const facts = { code: 'unavailable', retry_after_seconds: 1, decision_id: DECISION }
  const { status, headers, body } = toolRefusal(id, text, facts)
  return { status, headers: { ...headers, 'retry-after': '1' }, body }
}

export const noDecision = (id: Id = 1): Readable =>
  toolRefusal(id, `No decision could be made (decision ${DECISION})`, { code: 'no_decision', decision_id: DECISION })

/** Of a limit that is used up only what does not change with time. */
export function exhaustedLimit(answer: Answer): unknown {
  const { result } = JSON.parse(answer.body) as { result: { isError: boolean; _meta: Record<string, Exhausted> } }
  const { code, name, limit } = result._meta['io.portcullis/refusal'] ?? {}
  return {
    status: answer.status,
    isError: result.isError,
    code,
    name,
    limit,
    retries: answer.headers['retry-after'] !== undefined,
  }
}
type Exhausted = { readonly code?: string; readonly name?: string; readonly limit?: number }

export const NO_DOTS: Fault = ['/path', 'must be a path without empty, "." or ".." segments']
export const UNPRINTABLE: Fault = [
  '/path',
  'must be a path of well-formed Unicode without control or invisible characters',
]

const result = (id: Id, members: object): Readable => ({
  status: 200,
  headers: HEADERS,
  body: { jsonrpc: '2.0', id, result: { ...members, resultType: 'complete', _meta: SERVER } },
})

/** What a tool answers that has come to an end by itself. */
export const completed = (output: object, id: Id = 1): Readable =>
  result(id, { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output })

export const contentOf = (content: string, id: Id = 1): Readable =>
  completed({ content, encoding: 'utf8', size: Buffer.byteLength(content) }, id)

const toolFault =
  (text: string) =>
  (id: Id = 1) =>
    result(id, { content: [{ type: 'text', text }], isError: true })
export const fileNotFound = toolFault('No such file or directory')
/** Framed by the protocol, not by the refusal: the members stand in another order, which no reader minds. */
export const toolFailed = (id: Id = 1): Readable =>
  toolRefusal(id, `The tool failed (decision ${DECISION})`, { code: 'tool_failed', decision_id: DECISION })
export const tooLarge = toolFault('Larger than this tool takes')
export const alreadyExists = toolFault('The file exists already; set overwrite to replace it')
export const invalidRange = toolFault('The range lies outside the file')

export function expectAnswer(answer: Answer, expected: Readable): void {
  expect(readable(answer)).toEqual(expected)
}
