import { describe, expect, test } from '@jest/globals'
import { type ReplyOptions, toResponse } from '../../../src/http/reply.ts'
import { refusalMessage } from '../../../src/mcp/refusal-message.ts'
import type { Era, McpCall } from '../../../src/model/call.ts'
import { REFUSALS, type Refusal, type RefusalCode } from '../../../src/model/refusal.ts'
import type { Walked } from '../../../src/pep/trail.ts'
import { EXHAUSTED, REFUSAL_OF } from '../mcp/refusals.ts'
import { CALL, EXCHANGE } from '../pep/world.ts'

const INFO = { name: 'portcullis', version: '1.2.3', instructions: '' }
const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const OPTIONS: ReplyOptions = { info: INFO, resourceMetadata: METADATA, httpStatus: false, detail: 'full' }

const TRAIL: Walked = {
  decisionId: 'dec-1',
  startedAt: new Date('2026-11-22T10:00:00.000Z'),
  startedTicks: 0,
  exchange: EXCHANGE,
  metrics: {},
  end: { kind: 'answered', reply: { status: 200, headers: {}, body: null } },
}
const unread = (refusal: Refusal): Walked => ({ ...TRAIL, end: { kind: 'refused', refusal } })
const refused = (refusal: Refusal, call: McpCall = CALL): Walked => ({ ...unread(refusal), call })

const whole = async (response: Response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
})

const ALWAYS = {
  'cache-control': 'no-store',
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
}
const CHALLENGE = { 'www-authenticate': `Bearer resource_metadata="${METADATA}"` }

type Expected = { status: number; modern?: number; audited?: number; headers?: Record<string, string> }

/** Status and headers of every code; `audited` is the status for those who audit by status. */
const EXPECTED: Readonly<Record<RefusalCode, Expected>> = {
  host_not_allowed: { status: 403 },
  origin_not_allowed: { status: 403 },
  bad_request: { status: 400 },
  not_found: { status: 404 },
  method_not_allowed: { status: 405, headers: { allow: 'POST' } },
  not_acceptable: { status: 406 },
  request_timeout: { status: 408 },
  body_too_large: { status: 413 },
  unsupported_media_type: { status: 415 },
  headers_too_large: { status: 431 },
  rate_limited: { status: 429, headers: { 'retry-after': '3' } },
  overloaded: { status: 503, headers: { 'retry-after': '4' } },
  authorization_malformed: {
    status: 400,
    headers: { 'www-authenticate': `Bearer error="invalid_request", resource_metadata="${METADATA}"` },
  },
  token_missing: { status: 401, headers: CHALLENGE },
  token_invalid: {
    status: 401,
    headers: { 'www-authenticate': `Bearer error="invalid_token", resource_metadata="${METADATA}"` },
  },
  malformed_json: { status: 400 },
  invalid_request: { status: 400 },
  invalid_envelope: { status: 400 },
  header_mismatch: { status: 400 },
  capability_missing: { status: 400 },
  foreign_state: { status: 200 },
  unknown_prompt: { status: 200 },
  unknown_resource: { status: 200 },
  unsupported_version: { status: 400 },
  method_not_found: { status: 200, modern: 404 },
  input_too_large: { status: 200 },
  unknown_tool: { status: 200 },
  hidden: { status: 200 },
  invalid_arguments: { status: 200 },
  denied: { status: 200, audited: 403 },
  insufficient_scope: {
    status: 403,
    headers: {
      'www-authenticate': `Bearer error="insufficient_scope", scope="mcp:write mcp:call", resource_metadata="${METADATA}"`,
    },
  },
  no_decision: { status: 200, audited: 503 },
  quota_exhausted: {
    status: 200,
    audited: 429,
    headers: {
      'ratelimit-policy': '"readFile per minute";q=60;w=60',
      ratelimit: '"readFile per minute";r=0;t=7',
      'retry-after': '7',
    },
  },
  quota_unavailable: { status: 200, audited: 503, headers: { 'retry-after': '1' } },
  log_unavailable: { status: 200, audited: 503, headers: { 'retry-after': '5' } },
  tool_failed: { status: 200 },
  broken: { status: 200, audited: 503 },
}

describe('a refusal on the wire', () => {
  const cases = (Object.keys(REFUSALS) as RefusalCode[]).flatMap((code) =>
    (['legacy', 'modern'] as const).flatMap((era) =>
      (['tools/call', 'tools/list'] as const).flatMap((method) =>
        (['full', 'minimal'] as const).flatMap((detail) =>
          [false, true].map((httpStatus) => ({ code, era, method, detail, httpStatus })),
        ),
      ),
    ),
  )

  test.each(cases)('$code, $era, $method, $detail, by status: $httpStatus', async (row) => {
    const { code, era, method, detail, httpStatus } = row
    const { status, modern, audited, headers } = EXPECTED[code]
    const about = { era, id: 1, method, decisionId: 'dec-1' }
    const response = toResponse(refused(REFUSAL_OF[code], { ...CALL, era, method }), { ...OPTIONS, detail, httpStatus })
    expect(await whole(response)).toEqual({
      status: (httpStatus ? audited : undefined) ?? (era === 'modern' ? modern : undefined) ?? status,
      headers: { ...ALWAYS, ...headers },
      body: JSON.stringify(refusalMessage(REFUSAL_OF[code], about, INFO, detail)),
    })
  })

  test('a challenge, in full', async () => {
    expect(await whole(toResponse(unread(REFUSAL_OF.token_missing), OPTIONS))).toEqual({
      status: 401,
      headers: { ...ALWAYS, ...CHALLENGE },
      body: '{"error":"unauthorized","message":"A valid access token is required"}',
    })
  })

  test('a denied call of the modern era, in full', async () => {
    const refusal: Refusal<'denied'> = { code: 'denied', reasons: [{ code: 'a.b', message: 'No' }] }
    expect(await whole(toResponse(refused(refusal, { ...CALL, era: 'modern' }), OPTIONS))).toEqual({
      status: 200,
      headers: ALWAYS,
      body:
        '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text",' +
        '"text":"Denied by policy: No [a.b] (decision dec-1)"}],"isError":true,"_meta":{' +
        '"io.portcullis/refusal":{"code":"denied","reasons":[{"code":"a.b","message":"No"}],"decision_id":"dec-1"},' +
        '"io.modelcontextprotocol/serverInfo":{"name":"portcullis","version":"1.2.3"}}}}',
    })
  })
})

describe('two causes that nobody may tell apart answer the same bytes', () => {
  const pairs: readonly [RefusalCode, RefusalCode][] = [
    ['unknown_tool', 'hidden'],
    ['no_decision', 'broken'],
  ]
  const cases = pairs.flatMap(([one, other]) => (['legacy', 'modern'] as const).map((era) => ({ one, other, era })))
  test.each(cases)('$one and $other, $era', async ({ one, other, era }) => {
    for (const httpStatus of [false, true]) {
      const answer = (code: RefusalCode) =>
        whole(toResponse(refused(REFUSAL_OF[code], { ...CALL, era }), { ...OPTIONS, httpStatus }))
      expect(await answer(one)).toEqual(await answer(other))
    }
  })
})

describe('what is known of the request', () => {
  const bodyOf = async (walked: Walked) => JSON.parse((await whole(toResponse(walked, OPTIONS))).body)

  test('comes from what could be read, when the message was not taken', async () => {
    const walked = (era: Era): Walked => ({
      ...unread(REFUSAL_OF.method_not_found),
      unread: { era, id: 'x', method: 'a/b' },
    })
    expect((await whole(toResponse(walked('modern'), OPTIONS))).status).toBe(404)
    expect((await whole(toResponse(walked('legacy'), OPTIONS))).status).toBe(200)
    expect(await bodyOf(walked('modern'))).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      error: { code: -32601, message: 'Method not found' },
    })
  })

  test('is nothing, when nothing could be read', async () => {
    expect(await bodyOf(unread(REFUSAL_OF.broken))).toEqual({
      jsonrpc: '2.0',
      error: {
        code: -31500,
        message: 'No decision could be made (decision dec-1)',
        data: { code: 'no_decision', decision_id: 'dec-1' },
      },
    })
  })
})

describe('a notification', () => {
  const { id: _, ...notification } = { ...CALL, method: 'notifications/cancelled', target: { type: 'server' } as const }

  test.each(['denied', 'no_decision', 'quota_exhausted', 'log_unavailable', 'broken'] as const)(
    'has no answer when it is refused: %s',
    async (code) => {
      expect(await whole(toResponse(refused(REFUSAL_OF[code], notification), OPTIONS))).toEqual({
        status: 202,
        headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
        body: '',
      })
    },
  )

  test('still hears of a token that will not do', async () => {
    const response = toResponse(refused(REFUSAL_OF.insufficient_scope, notification), OPTIONS)
    expect(response.status).toBe(403)
  })
})

describe('an answer', () => {
  test('goes out as it is, kept by nobody', async () => {
    const reply = {
      status: 202,
      headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
      body: 'x',
    }
    expect(await whole(toResponse({ ...TRAIL, end: { kind: 'answered', reply } }, OPTIONS))).toEqual({
      status: 202,
      headers: { ...reply.headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
      body: 'x',
    })
  })

  test('may be a stream', async () => {
    const body = new Response('event: message\n\n').body
    const response = toResponse(
      { ...TRAIL, end: { kind: 'answered', reply: { status: 200, headers: {}, body } } },
      OPTIONS,
    )
    expect(await response.text()).toBe('event: message\n\n')
  })
})

describe('a token that is not accepted', () => {
  const CAUSES = ['expired', 'signature_invalid', 'revoked', 'audience_mismatch', 'keys_unavailable']
  test.each(CAUSES)('is answered alike, whatever is wrong with it: %s', async (cause) => {
    expect(await whole(toResponse(unread({ code: 'token_invalid', cause }), OPTIONS))).toEqual(
      await whole(toResponse(unread(REFUSAL_OF.token_invalid), OPTIONS)),
    )
  })

  test('is answered with the body of one that is missing', async () => {
    const body = async (refusal: Refusal) => (await whole(toResponse(unread(refusal), OPTIONS))).body
    expect(await body(REFUSAL_OF.token_invalid)).toBe(await body(REFUSAL_OF.token_missing))
  })
})

describe('a challenge', () => {
  const { resourceMetadata: _, ...silent } = OPTIONS
  test.each<{ name: string; refusal: Refusal; options: ReplyOptions; expected: string }>([
    {
      name: 'names the scopes to begin with',
      refusal: REFUSAL_OF.token_missing,
      options: { ...OPTIONS, initialScopes: ['mcp:read'] },
      expected: `Bearer scope="mcp:read", resource_metadata="${METADATA}"`,
    },
    {
      name: 'names them after a token that is not accepted too',
      refusal: REFUSAL_OF.token_invalid,
      options: { ...OPTIONS, initialScopes: ['mcp:read'] },
      expected: `Bearer error="invalid_token", scope="mcp:read", resource_metadata="${METADATA}"`,
    },
    {
      name: 'names scopes as the authorization server wants them',
      refusal: REFUSAL_OF.insufficient_scope,
      options: { ...OPTIONS, scopePrefix: 'api://files/' },
      expected: `Bearer error="insufficient_scope", scope="api://files/mcp:write api://files/mcp:call", resource_metadata="${METADATA}"`,
    },
    {
      name: 'says nothing of metadata that is not published',
      refusal: REFUSAL_OF.token_invalid,
      options: silent,
      expected: 'Bearer error="invalid_token"',
    },
    {
      name: 'is never a scheme alone',
      refusal: REFUSAL_OF.token_missing,
      options: silent,
      expected: 'Bearer realm="mcp"',
    },
  ])('$name', ({ refusal, options, expected }) => {
    expect(toResponse(unread(refusal), options).headers.get('www-authenticate')).toBe(expected)
  })
})

describe('a challenge cannot be broken out of', () => {
  test.each(['a b', 'a"', 'a\\', 'é', 'a\r\nx: y', ''])('scope %j is left out', (scope) => {
    const response = toResponse(refused({ code: 'insufficient_scope', scopes: [scope, 'mcp:call'] }), OPTIONS)
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="mcp:call", resource_metadata="${METADATA}"`,
    )
  })
})

test('limits that are not the exhausted one show how they stand at the time of the request', () => {
  const other = { ...EXHAUSTED, name: 'daily', used: 10, retry_after_seconds: 0, resets_at: '2026-11-22T10:00:30.000Z' }
  const refusal: Refusal = { code: 'quota_exhausted', exhausted: EXHAUSTED, states: [EXHAUSTED, other] }
  const { headers } = toResponse(refused(refusal), OPTIONS)
  expect(headers.get('ratelimit')).toBe('"readFile per minute";r=0;t=7, "daily";r=50;t=30')
})
