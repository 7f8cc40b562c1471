import { describe, expect, test } from '@jest/globals'
import { gate } from '../../../src/pdp/gate.ts'

const limits = { depth: 4, keys: 3, nodes: 20, bytes: 200 }
const text = (bytes: ArrayBuffer) => new TextDecoder().decode(bytes)

describe('what passes', () => {
  const cases: readonly { name: string; value: object; out: string }[] = [
    { name: 'an empty object', value: {}, out: '{}' },
    { name: 'scalars', value: { a: [null, true, 1.5, 'x'] }, out: '{"a":[null,true,1.5,"x"]}' },
    { name: 'a pair of surrogates, written raw', value: { a: '\u{20000}' }, out: '{"a":"\u{20000}"}' },
    { name: 'as deep as it may be', value: { a: { b: { c: {} } } }, out: '{"a":{"b":{"c":{}}}}' },
    { name: 'as many keys as may be', value: { a: 1, b: 2, c: 3 }, out: '{"a":1,"b":2,"c":3}' },
    { name: 'as many values as may be', value: Array(19).fill(0), out: JSON.stringify(Array(19).fill(0)) },
    { name: 'as many bytes as may be', value: { a: 'é'.repeat(96) }, out: `{"a":"${'é'.repeat(96)}"}` },
  ]
  test.each(cases)('$name', ({ value, out }) => {
    const gated = gate(value, limits)
    expect(gated.ok && text(gated.value)).toBe(out)
  })
})

describe('what does not', () => {
  const cases: readonly { name: string; value: object; error: string }[] = [
    { name: 'too deep', value: { a: { b: { c: { d: {} } } } }, error: 'nested deeper than 4 levels' },
    { name: 'too many keys', value: { a: 1, b: 2, c: 3, d: 4 }, error: 'more than 3 keys in one object' },
    { name: 'too many values', value: Array(20).fill(0), error: 'more than 20 values' },
    { name: 'too many characters', value: { a: 'x'.repeat(200) }, error: 'more than 200 bytes' },
    { name: 'too many bytes', value: { a: 'é'.repeat(97) }, error: 'more than 200 bytes' },
    { name: 'a lone surrogate', value: { a: ['\ud800'] }, error: 'a string is not well-formed Unicode' },
    { name: 'a lone surrogate in a key', value: { '\udc00': 1 }, error: 'a key is not well-formed Unicode' },
    { name: 'infinity', value: { a: Number.POSITIVE_INFINITY }, error: 'a number is not finite' },
    { name: 'not a number', value: [Number.NaN], error: 'a number is not finite' },
    { name: 'a bigint', value: { a: 1n }, error: 'a value of type bigint is not JSON' },
    { name: 'a hole', value: { a: undefined }, error: 'a value of type undefined is not JSON' },
    { name: 'a date', value: { a: new Date(0) }, error: 'an object that is not plain' },
  ]
  test.each(cases)('$name', ({ value, error }) => {
    expect(gate(value, limits)).toEqual({ ok: false, error })
  })

  test('a value that contains itself is too deep', () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    expect(gate(value)).toEqual({ ok: false, error: 'nested deeper than 64 levels' })
  })
})
