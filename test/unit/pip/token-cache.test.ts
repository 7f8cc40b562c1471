import { expect, test } from '@jest/globals'
import { err, ok } from '../../../src/lib/result.ts'
import { createTokenCache } from '../../../src/pip/token-cache.ts'

const counting = () => {
  const calls: string[] = []
  const cache = createTokenCache<{ token: string }, string>({ max: 2 })
  const load = (token: string) =>
    cache.verify(token, () => {
      calls.push(token)
      return Promise.resolve(token.startsWith('bad') ? err('no') : ok({ token }))
    })
  return { cache, calls, load }
}

test('requests with one token share one verification', async () => {
  const { calls, load } = counting()
  await Promise.all([load('a'), load('a'), load('b')])
  expect(calls).toEqual(['a', 'b'])
})

test('what was verified is remembered, what failed is not', async () => {
  const { cache, calls, load } = counting()
  await load('a')
  await load('bad')
  await load('bad')
  expect([cache.get('a'), cache.get('bad'), calls]).toEqual([{ token: 'a' }, undefined, ['a', 'bad', 'bad']])
})

test('what is forgotten is gone', async () => {
  const { cache, load } = counting()
  await load('a')
  cache.forget('a')
  expect(cache.get('a')).toBeUndefined()
})

test('the least used entry makes room', async () => {
  const { cache, load } = counting()
  await load('a')
  await load('b')
  cache.get('a')
  await load('c')
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([{ token: 'a' }, undefined, { token: 'c' }])
})

test('a verification that throws is not joined for ever', async () => {
  const { cache, load } = counting()
  await expect(cache.verify('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await load('a')).toEqual(ok({ token: 'a' }))
})
