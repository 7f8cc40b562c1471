import { expect, test } from '@jest/globals'
import { closest } from '../../../src/lib/closest.ts'

const NAMES = ['listen', 'limits', 'issuers', 'log']

test.each<{ word: string; expected: string | undefined }>([
  { word: 'listn', expected: 'listen' },
  { word: 'LISTEN', expected: 'listen' },
  { word: 'limit', expected: 'limits' },
  { word: 'isuers', expected: 'issuers' },
  { word: 'lg', expected: 'log' },
  { word: 'x', expected: undefined },
  { word: 'workspace', expected: undefined },
])('$word means $expected', ({ word, expected }) => {
  expect(closest(word, NAMES)).toBe(expected)
})

test('nothing is close to nothing', () => {
  expect(closest('listen', [])).toBeUndefined()
})
