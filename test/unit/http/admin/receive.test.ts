import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { AdminAction } from '../../../../src/http/admin/actions.ts'
import { receiveAdmin } from '../../../../src/http/admin/receive.ts'
import { err, ok } from '../../../../src/lib/result.ts'
import type { Exchange } from '../../../../src/model/exchange.ts'

const DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const exchange = (body: Exchange['body']): Exchange => ({
  httpMethod: 'POST',
  requestId: 'r1',
  address: '192.0.2.1',
  mcpHeaders: new Map(),
  body,
  signal: new AbortController().signal,
})
const sent = (action: AdminAction, text: string) => {
  const bytes = new TextEncoder().encode(text)
  return {
    bytes,
    received: receiveAdmin(
      exchange(async () => ok(bytes)),
      action,
    ),
  }
}
const call = (method: AdminAction, params: object, bytes: number) => ({
  era: 'modern',
  protocolVersion: '',
  id: 'r1',
  method,
  target: { type: 'server' },
  params,
  mirrored: new Map(),
  bytes,
})
const refused = (refusal: object) => err({ era: 'modern', refusal })

describe('what is asked of administration', () => {
  test('a bundle is decided on by its size and digest', async () => {
    const { bytes, received } = sent('policy/check', 'bundle')
    const sha256 = createHash('sha256').update('bundle').digest('hex')
    expect(await received).toEqual(ok({ call: call('policy/check', { bytes: 6, sha256 }, 6), bundle: bytes }))
  })

  test('the digest to activate', async () => {
    const text = JSON.stringify({ sha256: DIGEST })
    expect(await sent('policy/activate', text).received).toEqual(
      ok({ call: call('policy/activate', { sha256: DIGEST }, text.length) }),
    )
  })

  test.each(['policy/read', 'policy/rollback', 'policy/shadow'] as const)('%s says nothing more', async (action) => {
    expect(await sent(action, '').received).toEqual(ok({ call: call(action, {}, 0) }))
    expect(await sent(action, '{}').received).toEqual(refused({ code: 'invalid_request', detail: 'expected no body' }))
  })

  test('a bundle of nothing', async () => {
    expect(await sent('policy/check', '').received).toEqual(
      refused({ code: 'invalid_request', detail: 'expected a bundle as the body' }),
    )
  })

  test.each(['', '{', '{"sha256":1,"sha256":2}', '{"__proto__":1}', '[[[]]]', '\ud800'])(
    'no JSON to activate: %j',
    async (text) => {
      expect(await sent('policy/activate', text).received).toEqual(refused({ code: 'malformed_json' }))
    },
  )

  test.each([
    'null',
    '7',
    '[]',
    '{}',
    '"e3b0"',
    JSON.stringify({ sha256: DIGEST.toUpperCase() }),
    JSON.stringify({ sha256: DIGEST.slice(1) }),
    JSON.stringify({ sha256: [DIGEST] }),
    JSON.stringify({ sha256: DIGEST, force: true }),
    JSON.stringify({ digest: DIGEST }),
  ])('nothing to activate: %s', async (text) => {
    expect(await sent('policy/activate', text).received).toEqual(
      refused({
        code: 'invalid_request',
        detail: 'expected {"sha256": "<digest of the candidate, 64 hexadecimal digits>"}',
      }),
    )
  })

  test('a body that could not be read', async () => {
    const late = exchange(async () => err({ code: 'request_timeout' } as const))
    expect(await receiveAdmin(late, 'policy/check')).toEqual(refused({ code: 'request_timeout' }))
  })
})
