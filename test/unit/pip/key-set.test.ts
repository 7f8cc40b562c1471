import { describe, expect, test } from '@jest/globals'
import { err, ok } from '../../../src/lib/result.ts'
import { createKeySet } from '../../../src/pip/key-set.ts'
import { createSigner, createTestSource, HEADER, jwksOf, NOW } from './signing.ts'

const [one, two] = await Promise.all([createSigner('ES256', 'k1'), createSigner('ES256', 'k2')])
const header2 = { ...HEADER, kid: 'k2' }
const MINUTE = 60_000

function setUp(initial = ok(jwksOf(one.jwk))) {
  const clock = { now: NOW }
  const { source, state } = createTestSource(initial)
  return { clock, state, keySet: createKeySet({ source, now: () => clock.now }) }
}

describe('fresh keys', () => {
  test('many who wait share one reading', async () => {
    const { state, keySet } = setUp()
    const sets = await Promise.all(Array.from({ length: 100 }, () => keySet.current()))
    expect([new Set(sets).size, state.reads]).toEqual([1, 1])
  })

  test('are the same object until the document changes', async () => {
    const { clock, state, keySet } = setUp()
    const before = await keySet.current()
    clock.now += 10 * MINUTE
    expect([await keySet.current(), state.reads]).toEqual([before, 2])
  })

  test('are read again beside the requests when they grow old, and before them when they are', async () => {
    const { clock, state, keySet } = setUp()
    const before = await keySet.current()
    state.answer = ok(jwksOf(two.jwk))
    clock.now += 5 * MINUTE
    expect(await keySet.current()).toBe(before)
    await keySet.refresh()
    expect(await (await keySet.current())?.find(header2)).toBeDefined()
  })

  test('B-041 a removed key is gone after the maximum age', async () => {
    const { clock, state, keySet } = setUp()
    await keySet.current()
    state.answer = ok(jwksOf(two.jwk))
    clock.now += 10 * MINUTE
    expect(await (await keySet.current())?.find(HEADER)).toBeUndefined()
  })

  test('B-041 a new key is found at once, or after the cool-down', async () => {
    const { clock, state, keySet } = setUp()
    await keySet.current()
    state.answer = ok(jwksOf(one.jwk, two.jwk))
    clock.now += 29_999
    expect(await (await keySet.refresh())?.find(header2)).toBeUndefined()
    clock.now += 1
    expect(await (await keySet.refresh())?.find(header2)).toBeDefined()
  })

  test('a clock set back makes them due', async () => {
    const { clock, state, keySet } = setUp()
    await keySet.current()
    clock.now -= 60 * MINUTE
    await keySet.current()
    expect(state.reads).toBe(2)
  })
})

describe('a source that fails', () => {
  test('B-044 costs one reading per cool-down while warm, whatever the number of unknown keys', async () => {
    const { clock, state, keySet } = setUp()
    const keys = await keySet.current()
    clock.now += 30_000
    const sets = await Promise.all(Array.from({ length: 2000 }, () => keySet.refresh()))
    expect([new Set(sets), state.reads]).toEqual([new Set([keys]), 2])
  })

  test('B-044 is asked at growing distances while cold', async () => {
    const { clock, state, keySet } = setUp(err('down') as never)
    const asked: number[] = []
    for (const start = clock.now; clock.now < start + 100_000; clock.now += 500) {
      const before = state.reads
      await keySet.current()
      await keySet.refresh()
      if (state.reads > before) asked.push((clock.now - start) / 1000)
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
  })

  test('leaves the keys in use for an hour and no longer', async () => {
    const { clock, state, keySet } = setUp()
    const keys = await keySet.current()
    state.answer = err('down')
    clock.now += 59 * MINUTE
    expect(await keySet.current()).toBe(keys)
    clock.now += MINUTE
    expect(await keySet.current()).toBeUndefined()
    state.answer = ok(jwksOf(one.jwk))
    clock.now += MINUTE
    expect(await keySet.current()).toBe(keys)
  })

  test.each<{ name: string; answer: string }>([
    { name: 'HTML', answer: '<html></html>' },
    { name: 'an empty set', answer: jwksOf() },
    { name: 'no set', answer: '{}' },
  ])('by answering $name leaves them too', async ({ answer }) => {
    const { clock, state, keySet } = setUp()
    const keys = await keySet.current()
    state.answer = ok(answer)
    clock.now += 10 * MINUTE
    expect(await keySet.current()).toBe(keys)
  })
})

test('health says how many keys, how old, and what went wrong', async () => {
  const { clock, state, keySet } = setUp()
  expect(keySet.health()).toEqual({ keys: 0, age_seconds: null, error: null, ignored: [] })
  await keySet.current()
  state.answer = err('down')
  clock.now += 10 * MINUTE
  await keySet.current()
  expect(keySet.health()).toEqual({ keys: 1, age_seconds: 600, error: 'down', ignored: [] })
})
