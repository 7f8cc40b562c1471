import { expect, test } from '@jest/globals'
import { deferred } from '../../../src/lib/deferred.ts'
import { createTurns } from '../../../src/lib/turns.ts'

test('one after the other, in order, also after one that fails', async () => {
  const inTurn = createTurns()
  const done: string[] = []
  const first = deferred<void>()
  const results = [
    inTurn(async () => {
      await first.promise
      done.push('first')
    }),
    inTurn(async () => {
      done.push('second')
      throw new Error('failed')
    }),
    inTurn(async () => {
      done.push('third')
      return 3
    }),
  ]
  expect(done).toEqual([])
  first.resolve()
  expect(await Promise.allSettled(results)).toEqual([
    { status: 'fulfilled', value: undefined },
    { status: 'rejected', reason: new Error('failed') },
    { status: 'fulfilled', value: 3 },
  ])
  expect(done).toEqual(['first', 'second', 'third'])
})
