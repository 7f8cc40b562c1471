import { describe, expect, test } from '@jest/globals'
import { packSmoke, readPackedSmoke } from '../../../../src/pap/bundle/smoke-file.ts'
import type { Case } from '../../../../src/pap/test/cases.ts'

const one: Case = { file: 'smoke.yaml', line: 3, name: 'n', input: { a: 1 }, want: { effect: 'deny', limits: ['x'] } }

test('cases are packed and read back, those aside that are skipped', () => {
  const packed = packSmoke([one, { ...one, name: 'later', skip: 'not yet' }])
  if (!packed.ok) throw new Error(JSON.stringify(packed.error))
  expect(readPackedSmoke(new Map([['smoke.json', packed.value]]))).toEqual({
    ok: true,
    value: [{ note: 'n', input: { a: 1 }, want: { effect: 'deny', limits: ['x'] } }],
  })
})

test('a bundle need not carry any', () => {
  expect(readPackedSmoke(new Map())).toEqual({ ok: true, value: undefined })
})

describe('refused', () => {
  const remedy = 'Give an input that is an object and no data, and want a decision, not a record'
  const unfit = { file: 'smoke.yaml', line: 3, message: 'case "n" cannot be asked when a bundle is loaded', remedy }
  const cases: readonly { name: string; given: readonly Case[]; fault: object }[] = [
    { name: 'no case', given: [], fault: { message: 'there are 0 smoke cases', remedy: 'Give from 1 to 1000 cases' } },
    {
      name: 'too many cases',
      given: Array.from({ length: 1_001 }, () => one),
      fault: { message: 'there are 1001 smoke cases', remedy: 'Give from 1 to 1000 cases' },
    },
    { name: 'an input that is no object', given: [one, { ...one, input: 'x' }], fault: unfit },
    { name: 'an input that is a list', given: [{ ...one, input: [] }], fault: unfit },
    { name: 'what is wanted of the record', given: [{ ...one, want: { record: { erased: [] } } }], fault: unfit },
  ]
  test.each(cases)('$name', ({ given, fault }) => {
    expect(packSmoke(given)).toEqual({ ok: false, error: [fault] })
  })
})
