import { expect, jest, test } from '@jest/globals'
import { err, ok, type Result } from '../../../src/lib/result.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import { createMask } from '../../../src/pdp/mask.ts'

const READS = { values: [['kind']], types: [['input']] }
const asks = (answer: Result<unknown, string>) => jest.fn((_record: JsonObject) => answer)

test('a mask is asked once for each different reading', () => {
  const evaluate = asks(ok(['/input/a']))
  const mask = createMask(evaluate, READS)
  const masks = [{ kind: 'a', input: { x: 1 } }, { kind: 'a', input: { y: 2 } }, { kind: 'b' }, { kind: 'a' }].map(mask)
  expect(masks).toEqual(Array.from({ length: 4 }, () => ok(['/input/a'])))
  expect(evaluate.mock.calls).toEqual([[{ kind: 'a', input: {} }], [{ kind: 'b' }], [{ kind: 'a' }]])
})

test('what is remembered is bounded by its size, however long a reading is', () => {
  const evaluate = asks(ok([]))
  const mask = createMask(evaluate, READS)
  const long = { kind: 'x'.repeat(300_000) }
  for (const record of [{ kind: 'a' }, long, long, { kind: 'a' }]) mask(record)
  expect(evaluate.mock.calls).toEqual([[{ kind: 'a' }], [long], [long]])
})

test('a mask that failed is asked again', () => {
  const evaluate = asks(err('no instance ready'))
  const mask = createMask(evaluate, READS)
  expect([mask({ kind: 'a' }), mask({ kind: 'a' })]).toEqual([err('no instance ready'), err('no instance ready')])
  expect(evaluate).toHaveBeenCalledTimes(2)
})

test('a mask that answered what is none is asked again', () => {
  const evaluate = asks(ok('/input'))
  const mask = createMask(evaluate, READS)
  expect([mask({}), mask({})]).toEqual([err('the mask is malformed'), err('the mask is malformed')])
  expect(evaluate).toHaveBeenCalledTimes(2)
})

test('a mask of which nobody knows what it reads is asked about all of every record', () => {
  const evaluate = asks(ok([]))
  const mask = createMask(evaluate, undefined)
  mask({ kind: 'a' })
  mask({ kind: 'a' })
  expect(evaluate.mock.calls).toEqual([[{ kind: 'a' }], [{ kind: 'a' }]])
})
