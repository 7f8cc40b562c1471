import { expect, test } from '@jest/globals'
import { createRandomPool } from '../../../src/lib/random-pool.ts'

test('no byte is handed out twice, and none before it was made', () => {
  let made = 0
  const take = createRandomPool(4, (bytes) => {
    for (const at of bytes.keys()) bytes[at] = made++ & 0xff
  })
  const taken = Array.from({ length: 300 }, () => [...take()]).flat()
  expect(taken).toEqual(Array.from({ length: 1200 }, (_, at) => at & 0xff))
  expect(made).toBe(2 * 256 * 4)
})

test('what was handed out stays as it was', () => {
  let value = 0
  const take = createRandomPool(16, (bytes) => bytes.fill(++value))
  const first = take()
  for (let i = 0; i < 256; i++) take()
  expect([...first]).toEqual(new Array(16).fill(1))
})

test('by default the bytes are random', () => {
  const take = createRandomPool(16)
  const pieces = Array.from({ length: 1000 }, () => Buffer.from(take()).toString('hex'))
  expect(new Set(pieces).size).toBe(1000)
})
