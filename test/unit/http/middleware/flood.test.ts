import { expect, jest, test } from '@jest/globals'
import { type Bucket, guardFlood } from '../../../../src/http/middleware/flood.ts'
import { incoming } from '../incoming-request.ts'

test('the address pays, whatever else is sent', () => {
  const take = jest.fn<Bucket['take']>(() => ({ ok: true }))
  expect(guardFlood({ take })(incoming({ peer: '10.0.0.1' }), '192.0.2.7')).toBeUndefined()
  expect(take.mock.calls).toEqual([['192.0.2.7']])
})

test('an empty bucket says when to come back', () => {
  const guard = guardFlood({ take: () => ({ ok: false, retryAfterSeconds: 9 }) })
  expect(guard(incoming(), '192.0.2.7')).toEqual({ code: 'rate_limited', retryAfterSeconds: 9 })
})
