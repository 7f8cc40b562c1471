import { describe, expect, test } from '@jest/globals'
import { maskRecord } from '../../../src/audit/mask.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { DecisionRecord } from '../../../src/model/record.ts'
import type { Mask } from '../../../src/model/ruling.ts'
import { decision, input as policyInput } from './facts.ts'

const record = (input: unknown, result: unknown = { effect: 'permit' }): DecisionRecord =>
  decision({ input, input_sha256: 'ab', result })

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

describe('maskRecord', () => {
  test('built in: arguments and claims go, who called what stays', () => {
    const { arguments: _, ...properties } = policyInput.resource.properties
    const { claims: __, ...known } = policyInput.subject.properties
    expect(maskRecord(freeze(record(policyInput)), ok('absent'))).toStrictEqual({
      ...record({
        ...policyInput,
        subject: { ...policyInput.subject, properties: known },
        resource: { ...policyInput.resource, properties },
      }),
      erased: ['/input/resource/properties/arguments', '/input/subject/properties/claims'],
    })
  })

  test('a policy that masks nothing masks nothing', () => {
    expect(maskRecord(record(policyInput), ok([]))).toStrictEqual(record(policyInput))
  })

  test('a mask that failed takes the whole input with it; hash and result stay', () => {
    expect(maskRecord(record(policyInput), err('undefined'))).toStrictEqual(
      decision({ input_sha256: 'ab', result: { effect: 'permit' }, mask_failed: true }),
    )
  })

  test.each<{ mask: Mask }>([
    { mask: '/decision_id' },
    { mask: '/inputs/a' },
    { mask: 'input/a' },
    { mask: '' },
    { mask: '/' },
    { mask: '/limits' },
    { mask: '/__proto__/polluted' },
    { mask: { op: 'upsert', path: '/refusal', value: 'x' } },
    { mask: { op: 'remove', path: '/input_sha256' } },
  ])('a mask outside input and result fails as a whole: $mask', ({ mask }) => {
    expect(maskRecord(record({ a: 1 }), ok(['/input/a', mask]))).toStrictEqual(
      decision({ input_sha256: 'ab', result: { effect: 'permit' }, mask_failed: true }),
    )
  })

  const cases: readonly {
    what: string
    masks: readonly Mask[]
    input?: unknown
    after: unknown
    erased?: readonly string[]
    masked?: readonly string[]
  }[] = [
    {
      what: 'a pointer removes',
      masks: ['/input/a/b'],
      input: { a: { b: 1, c: 2 } },
      after: { a: { c: 2 } },
      erased: ['/input/a/b'],
    },
    {
      what: 'so does op remove',
      masks: [{ op: 'remove', path: '/input/a' }],
      input: { a: 1 },
      after: {},
      erased: ['/input/a'],
    },
    { what: 'what is not there is not erased', masks: ['/input/x/y', '/input/a/y'], input: { a: 1 }, after: { a: 1 } },
    { what: 'nor in a string', masks: ['/input/a/length', '/input/a/0'], input: { a: 'text' }, after: { a: 'text' } },
    { what: 'nor in null', masks: ['/input/a/b'], input: { a: null }, after: { a: null } },
    {
      what: 'escapes',
      masks: ['/input/a~1b', '/input/c~0d', '/input/~01'],
      input: { 'a/b': 1, 'c~d': 2, '~1': 3, e: 4 },
      after: { e: 4 },
      erased: ['/input/a~1b', '/input/c~0d', '/input/~01'],
    },
    { what: 'an empty member name', masks: ['/input/'], input: { '': 1, a: 2 }, after: { a: 2 }, erased: ['/input/'] },
    {
      what: 'several elements of one array, in whatever order they are named',
      masks: ['/input/a/0', '/input/b', '/input/a/10', '/input/a/9'],
      input: { a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], b: 1 },
      after: { a: [1, 2, 3, 4, 5, 6, 7, 8] },
      erased: ['/input/a/0', '/input/a/10', '/input/a/9', '/input/b'],
    },
    {
      what: 'inside elements',
      masks: ['/input/a/1/s'],
      input: { a: [{ s: 1 }, { s: 2, t: 3 }] },
      after: { a: [{ s: 1 }, { t: 3 }] },
      erased: ['/input/a/1/s'],
    },
    {
      what: 'no index of an array',
      masks: ['/input/a/-', '/input/a/01', '/input/a/9', '/input/a/length', '/input/a/-1'],
      input: { a: [1] },
      after: { a: [1] },
    },
    {
      what: 'upsert replaces',
      masks: [{ op: 'upsert', path: '/input/a', value: '***' }],
      input: { a: 1 },
      after: { a: '***' },
      masked: ['/input/a'],
    },
    {
      what: 'upsert without a value is null',
      masks: [{ op: 'upsert', path: '/input/a' }],
      input: { a: 1 },
      after: { a: null },
      masked: ['/input/a'],
    },
    {
      what: 'upsert makes objects on the way',
      masks: [{ op: 'upsert', path: '/input/a/b/c', value: 1 }],
      input: {},
      after: { a: { b: { c: 1 } } },
      masked: ['/input/a/b/c'],
    },
    {
      what: 'upsert replaces an element, and makes none',
      masks: [
        { op: 'upsert', path: '/input/a/0', value: 9 },
        { op: 'upsert', path: '/input/a/1', value: 9 },
        { op: 'upsert', path: '/input/a/0/x', value: 9 },
      ],
      input: { a: [1] },
      after: { a: [9] },
      masked: ['/input/a/0'],
    },
    {
      what: 'what is removed stays removed',
      masks: ['/input/a', { op: 'upsert', path: '/input/a/b', value: 'back' }],
      input: { a: { b: 1 } },
      after: {},
      erased: ['/input/a'],
      masked: ['/input/a/b'],
    },
    {
      what: '__proto__ is a name like any other',
      masks: ['/input/__proto__/a', { op: 'upsert', path: '/input/b/__proto__', value: { polluted: true } }],
      input: JSON.parse('{"__proto__":{"a":1,"c":2},"b":{}}'),
      after: JSON.parse('{"__proto__":{"c":2},"b":{"__proto__":{"polluted":true}}}'),
      erased: ['/input/__proto__/a'],
      masked: ['/input/b/__proto__'],
    },
    {
      what: 'inherited members are not there',
      masks: ['/input/constructor', '/input/toString/name'],
      input: { a: 1 },
      after: { a: 1 },
    },
  ]
  test.each(cases)('$what', ({ masks, input, after, erased, masked }) => {
    const before = freeze(record(input))
    const written = maskRecord(before, ok(masks))
    const expected = {
      ...record(after),
      ...(erased === undefined ? {} : { erased }),
      ...(masked === undefined ? {} : { masked }),
    }
    expect(JSON.stringify(written.input)).toBe(JSON.stringify(after))
    expect(written).toEqual(expected)
    expect(({} as { polluted?: true }).polluted).toBe(undefined)
  })

  test('all of input or result may go, and neither is invented', () => {
    expect(maskRecord(record({ a: 1 }), ok(['/input', '/result']))).toStrictEqual({
      ...decision({ input_sha256: 'ab' }),
      erased: ['/input', '/result'],
    })
    expect(maskRecord(record({ a: 1 }), ok([{ op: 'upsert', path: '/result', value: 'x' }]))).toStrictEqual({
      ...record({ a: 1 }, 'x'),
      masked: ['/result'],
    })
    const refused = decision({ refusal: 'token_missing' })
    expect(maskRecord(refused, ok([{ op: 'upsert', path: '/input/a', value: 'x' }, '/result']))).toStrictEqual(refused)
  })
})
