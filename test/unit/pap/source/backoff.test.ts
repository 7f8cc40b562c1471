import { expect, test } from '@jest/globals'
import { createPace } from '../../../../src/pap/source/backoff.ts'

const pace = (random: number) => createPace({ minMs: 1000, maxMs: 30_000, random: () => random })

test.each([
  { random: 0, poll: 1000, retries: [1000, 1000, 1000, 1000, 1000] },
  { random: 0.5, poll: 15_500, retries: [1500, 2500, 4500, 8500, 15_500] },
  { random: 0.999, poll: 29_971, retries: [1999, 3997, 7993, 15_985, 29_971] },
])('spread between least and most: at $random', ({ random, poll, retries }) => {
  const { poll: polled, retry } = pace(random)
  expect(polled()).toBe(poll)
  expect([1, 2, 3, 4, 5].map(retry)).toEqual(retries)
  expect(retry(1_000_000)).toBe(retries[4])
})
