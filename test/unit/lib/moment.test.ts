import { expect, test } from '@jest/globals'
import { momentOf } from '../../../src/lib/moment.ts'

test('a moment is written out in UTC, and its second is the one that has begun', () => {
  expect(momentOf(new Date('2026-11-22T23:59:59.999Z'))).toEqual({
    time: '2026-11-22T23:59:59.999Z',
    unix: 1_795_391_999,
    weekday: 7,
    hour: 23,
    minute: 59,
  })
})

test.each([
  ['2026-11-23', 1],
  ['2026-11-28', 6],
  ['2026-11-29', 7],
])('the weekday of %s is %d', (day, weekday) => {
  expect(momentOf(new Date(day)).weekday).toBe(weekday)
})
