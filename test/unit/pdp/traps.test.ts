import { expect, test } from '@jest/globals'
import { createTrapBudget } from '../../../src/pdp/traps.ts'

test('a budget is spent by its own subject alone, and is whole again after a minute', () => {
  let now = 1_000
  const traps = createTrapBudget({ perMinute: 2, now: () => now })
  const spent = () => [traps.isSpent('alice'), traps.isSpent('bob')]
  expect(spent()).toEqual([false, false])
  traps.note('alice')
  expect(spent()).toEqual([false, false])
  now += 59_999
  traps.note('alice')
  expect(spent()).toEqual([true, false])
  now += 1
  expect(spent()).toEqual([false, false])
  traps.note('alice')
  expect(spent()).toEqual([false, false])
})
