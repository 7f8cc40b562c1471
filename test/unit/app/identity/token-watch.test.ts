import { describe, expect, test } from '@jest/globals'
import { watchToken } from '../../../../src/app/identity/token-watch.ts'
import { err, ok } from '../../../../src/lib/result.ts'
import type { Authenticate } from '../../../../src/pip/authenticate.ts'

const alice = ok({
  type: 'user',
  id: 'alice',
  properties: { issuer: 'i', home: false, tenant: '', client_id: '', roles: [], scopes: [], claims: {} },
})
const refused = err({ code: 'token_invalid', cause: 'expired' } as const)

function setUp(answer: () => ReturnType<Authenticate>) {
  const due: (() => void)[] = []
  const client = new AbortController()
  const asked: unknown[] = []
  const watch = watchToken(
    { authorization: 'Bearer x', signal: client.signal },
    (authorization) => {
      asked.push(authorization)
      return answer()
    },
    (run) => {
      due.push(run)
      return () => due.splice(due.indexOf(run), 1)
    },
  )
  /** A second passes. */
  const tick = async () => {
    due.shift()?.()
    await new Promise(setImmediate)
  }
  return { watch, client, asked, due, tick }
}

describe('a stream', () => {
  test('stays open while its token is accepted', async () => {
    const { watch, asked, tick, due } = setUp(async () => alice)
    await tick()
    await tick()
    expect([asked, watch.signal.aborted, due.length]).toEqual([['Bearer x', 'Bearer x'], false, 1])
  })

  test.each<{ name: string; answer: () => ReturnType<Authenticate> }>([
    { name: 'is accepted no more', answer: async () => refused },
    { name: 'cannot be asked about', answer: () => Promise.reject(new Error('broken')) },
  ])('ends when its token $name', async ({ answer }) => {
    const { watch, due, tick } = setUp(answer)
    expect(watch.signal.aborted).toBe(false)
    await tick()
    expect([watch.signal.aborted, due.length]).toEqual([true, 0])
  })

  test('is not watched when its client has gone', () => {
    const { watch, client, due } = setUp(async () => alice)
    client.abort()
    expect([watch.signal.aborted, due.length]).toEqual([true, 0])
  })

  test('is not watched when it has ended meanwhile', async () => {
    const { watch, due, tick } = setUp(async () => {
      watch.stop()
      return alice
    })
    await tick()
    expect([watch.signal.aborted, due.length]).toEqual([true, 0])
  })
})
