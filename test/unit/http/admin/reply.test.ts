import { describe, expect, test } from '@jest/globals'
import { toAdminResponse } from '../../../../src/http/admin/reply.ts'
import type { Refusal } from '../../../../src/model/refusal.ts'
import type { Walked } from '../../../../src/pep/trail.ts'
import { EXCHANGE, NOW } from '../../pep/world.ts'

const METADATA = 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'
const walked = (end: Walked['end']): Walked => ({
  decisionId: 'dec-1',
  startedAt: NOW,
  startedTicks: 0,
  exchange: EXCHANGE,
  metrics: {},
  end,
})
const PLAIN = { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

async function answer(end: Walked['end'], detail: 'full' | 'minimal' = 'full') {
  const response = toAdminResponse(walked(end), { resourceMetadata: METADATA, detail })
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.json() }
}

type Row = {
  readonly refusal: Refusal
  readonly status: number
  readonly headers?: object
  readonly body: object
}

const REASONS = [{ code: 'main.no_permit', message: 'No rule permits this' }]
const ROWS: readonly Row[] = [
  {
    refusal: { code: 'denied', reasons: REASONS },
    status: 403,
    body: { error: 'denied', message: 'Denied by policy', reasons: REASONS, decision_id: 'dec-1' },
  },
  {
    refusal: { code: 'insufficient_scope', scopes: ['mcp:admin'] },
    status: 403,
    headers: {
      'www-authenticate': `Bearer error="insufficient_scope", scope="mcp:admin", resource_metadata="${METADATA}"`,
    },
    body: {
      error: 'insufficient_scope',
      message: 'The access token lacks a scope that this operation needs',
      scopes: ['mcp:admin'],
      decision_id: 'dec-1',
    },
  },
  {
    refusal: { code: 'token_missing' },
    status: 401,
    headers: { 'www-authenticate': `Bearer resource_metadata="${METADATA}"` },
    body: { error: 'unauthorized', message: 'A valid access token is required' },
  },
  {
    refusal: { code: 'no_decision', cause: 'a trap in rule x' },
    status: 503,
    body: { error: 'no_decision', message: 'No decision could be made', decision_id: 'dec-1' },
  },
  {
    refusal: { code: 'log_unavailable', retryAfterSeconds: 1 },
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: 'log_unavailable', message: 'The service is temporarily unavailable', decision_id: 'dec-1' },
  },
  {
    refusal: { code: 'broken', cause: 'Error: /secret/path' },
    status: 503,
    body: { error: 'broken', message: 'No decision could be made', decision_id: 'dec-1' },
  },
  {
    refusal: { code: 'input_too_large' },
    status: 400,
    body: {
      error: 'input_too_large',
      message: 'More keys, depth or bytes than a decision takes',
      decision_id: 'dec-1',
    },
  },
  {
    refusal: { code: 'invalid_request', detail: 'expected no body' },
    status: 400,
    body: { error: 'invalid_request', message: 'Invalid request: expected no body' },
  },
  {
    refusal: { code: 'unsupported_media_type' },
    status: 415,
    body: {
      error: 'unsupported_media_type',
      message: 'Content-Type must be application/gzip for a bundle and application/json otherwise',
    },
  },
  {
    refusal: { code: 'rate_limited', retryAfterSeconds: 7 },
    status: 429,
    headers: { 'retry-after': '7' },
    body: { error: 'rate_limited', message: 'Too many requests; retry later' },
  },
]

describe('what an administrator is answered', () => {
  test.each(ROWS)('$refusal.code: $status', async ({ refusal, status, headers, body }) => {
    expect(await answer({ kind: 'refused', refusal })).toEqual({ status, headers: { ...PLAIN, ...headers }, body })
  })

  test('reasons are kept where callers are not told them', async () => {
    const { body } = await answer({ kind: 'refused', refusal: { code: 'denied', reasons: REASONS } }, 'minimal')
    expect(body).toEqual({ error: 'denied', message: 'Denied by policy', decision_id: 'dec-1' })
  })

  test('what was done', async () => {
    const reply = { status: 422, headers: { 'content-type': 'application/json' }, body: '{"error":"policy_refused"}' }
    expect(await answer({ kind: 'answered', reply })).toEqual({
      status: 422,
      headers: PLAIN,
      body: { error: 'policy_refused' },
    })
  })
})
