import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson } from '../../../src/lib/canonical-json.ts'

// What OPA's own hash sees of these was compared with `opa sign`; see test/unit/pap/bundle/opa.test.ts.
const cases: readonly { name: string; text: string; canonical: string }[] = [
  { name: 'white space', text: ' { "a" : [ 1 , 2 ] ,\n\t"b": { } }\r\n', canonical: '{"a":[1,2],"b":{}}' },
  { name: 'the order of keys', text: '{"b":1,"a":{"d":1,"c":2},"":0}', canonical: '{"":0,"a":{"c":2,"d":1},"b":1}' },
  { name: 'keys by their bytes in UTF-8', text: '{"\\ud83d\\ude00":1,"\\ue000":2}', canonical: '{"\ue000":2,"😀":1}' },
  {
    name: 'numbers as they are spelled',
    text: '[1.0,1e2,-0,1E+5,12345678901234567890]',
    canonical: '[1.0,1e2,-0,1E+5,12345678901234567890]',
  },
  { name: 'escapes', text: '"\\u003c\\/\\u00e9\\u0001\\u2028\\"\\\\"', canonical: '"</é\\u0001\\u2028\\"\\\\"' },
  { name: 'a line separator that is not escaped', text: '"\u2029"', canonical: '"\\u2029"' },
  { name: 'brackets in strings', text: '{"}":"]{,:"}', canonical: '{"}":"]{,:"}' },
  { name: 'a word', text: 'null', canonical: 'null' },
]

test.each(cases)('$name', ({ text, canonical }) => {
  expect(canonicalJson(text)).toBe(canonical)
})

describe('any document', () => {
  test('means what it meant, and is its own canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const canonical = canonicalJson(JSON.stringify(value, null, indent))
        expect(JSON.parse(canonical)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(canonical)).toBe(canonical)
      }),
    )
  })
})
