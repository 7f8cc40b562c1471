import { expect, test } from '@jest/globals'
import { distinct } from '../../../src/lib/distinct.ts'

test('values are told apart by how they are written, in the order of their first', () => {
  expect(distinct([['b'], ['a'], ['b'], 1, '1', 1])).toEqual([['b'], ['a'], 1, '1'])
})
