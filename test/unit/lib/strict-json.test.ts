import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeUtf8, parseStrictJson } from '../../../src/lib/strict-json.ts'

const INVALID = 'not valid JSON'
const TWICE = 'a key stands twice in one object'
const PROTO = 'the key __proto__ is not accepted'
const ILL_FORMED = 'a string is not well-formed Unicode'
const OUT_OF_RANGE = 'a number is out of range'

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const nestedObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

describe('parseStrictJson refuses', () => {
  test.each<{ what: string; text: string; error: string }>([
    { what: 'a key twice', text: '{"a":1,"a":2}', error: TWICE },
    { what: 'a key twice with equal values', text: '{"a":1,"a":1}', error: TWICE },
    { what: 'a key twice, once escaped (C-013)', text: '{"name":1,"n\\u0061me":2}', error: TWICE },
    { what: 'a key twice, escaped in two ways', text: '{"\\u002f":1,"\\/":2}', error: TWICE },
    { what: 'a key twice with other keys between', text: '{"a":1,"b":[{"c":1}],"a":2}', error: TWICE },
    { what: 'a key twice within an object within an array', text: '[1,{"x":{"a":1,"a":2}}]', error: TWICE },
    { what: 'the empty key twice', text: '{"":1,"":2}', error: TWICE },
    { what: '__proto__', text: '{"__proto__":{"admin":true}}', error: PROTO },
    { what: '__proto__, escaped', text: '{"__\\u0070roto__":1}', error: PROTO },
    { what: '__proto__, nested', text: '{"a":[{"b":{"__proto__":1}}]}', error: PROTO },
    { what: 'a lone high surrogate', text: '"\\ud800"', error: ILL_FORMED },
    { what: 'a lone low surrogate', text: '"a\\uDFFFb"', error: ILL_FORMED },
    { what: 'surrogates in the wrong order', text: '"\\ude00\\ud83d"', error: ILL_FORMED },
    { what: 'a lone surrogate in a key', text: '{"\\uD800":1}', error: ILL_FORMED },
    { what: 'a lone surrogate deep inside', text: '{"a":[{"b":"\\udc00"}]}', error: ILL_FORMED },
    { what: 'a lone surrogate that is not escaped', text: '"\ud800"', error: ILL_FORMED },
    { what: '1e400', text: '{"a":1e400}', error: OUT_OF_RANGE },
    { what: '-1E+400', text: '[-1E+400]', error: OUT_OF_RANGE },
    { what: 'a number of 400 digits', text: '9'.repeat(400), error: OUT_OF_RANGE },
    { what: '65 arrays', text: nested(65), error: 'nested deeper than 64 levels' },
    { what: '65 objects', text: nestedObjects(65), error: 'nested deeper than 64 levels' },
    { what: '200 000 arrays that never end (C-025)', text: '['.repeat(200_000), error: 'nested deeper than 64 levels' },
    { what: 'nothing', text: '', error: INVALID },
    { what: 'only space', text: ' \n', error: INVALID },
    { what: 'a byte order mark', text: '\ufeff{}', error: INVALID },
    { what: 'two documents', text: '{}{}', error: INVALID },
    { what: 'trailing data', text: '{} x', error: INVALID },
    { what: 'a trailing comma', text: '{"a":1,}', error: INVALID },
    { what: 'NaN', text: 'NaN', error: INVALID },
    { what: 'Infinity', text: '[-Infinity]', error: INVALID },
    { what: 'undefined', text: 'undefined', error: INVALID },
    { what: 'a line comment', text: '{} // x', error: INVALID },
    { what: 'a block comment', text: '{/* "a":1 */}', error: INVALID },
    { what: 'single quotes', text: "{'a':1}", error: INVALID },
    { what: 'a key without quotes', text: '{a:1}', error: INVALID },
    { what: 'a leading zero', text: '[01]', error: INVALID },
    { what: 'a leading plus', text: '[+1]', error: INVALID },
    { what: 'a number that ends in a point', text: '[1.]', error: INVALID },
    { what: 'a lone minus', text: '[-]', error: INVALID },
    { what: 'hexadecimal', text: '[0x10]', error: INVALID },
    { what: 'a string that does not end', text: '"a', error: INVALID },
    { what: 'a string that ends in a backslash', text: '"a\\"', error: INVALID },
    { what: 'an unknown escape in a key', text: '{"\\x":1}', error: INVALID },
    { what: 'a control character in a string', text: '"\u0000"', error: INVALID },
    { what: 'brackets that do not match', text: '{"a":[1}]', error: INVALID },
    { what: 'a closing bracket too many', text: '[]]', error: INVALID },
  ])('$what', ({ text, error }) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, error })
  })
})

describe('parseStrictJson accepts', () => {
  test.each<{ what: string; text: string; value: unknown }>([
    { what: 'a scalar with space around it', text: ' \t\r\n null ', value: null },
    { what: '64 arrays', text: nested(64), value: JSON.parse(nested(64)) },
    { what: 'many levels one after another', text: '[[[]],[[]],[[]]]', value: [[[]], [[]], [[]]] },
    { what: 'one key in two objects', text: '[{"a":1},{"a":{"a":2}}]', value: [{ a: 1 }, { a: { a: 2 } }] },
    { what: 'values that look like keys', text: '{"a":"b","b":"a","c":"c"}', value: { a: 'b', b: 'a', c: 'c' } },
    { what: 'keys that differ in case', text: '{"name":1,"Name":2}', value: { name: 1, Name: 2 } },
    { what: 'structure inside strings', text: '{"a":"{\\"a\\":1,[","b":"\\\\"}', value: { a: '{"a":1,[', b: '\\' } },
    { what: 'a surrogate pair, escaped', text: '"\\ud83d\\ude00"', value: '😀' },
    { what: 'a surrogate pair, half escaped in text', text: '"\\\\ud800"', value: '\\ud800' },
    { what: 'NUL, escaped', text: '"\\u0000"', value: '\u0000' },
    { what: 'the largest number', text: '1.7976931348623157e308', value: Number.MAX_VALUE },
    { what: 'a number that underflows', text: '1e-400', value: 0 },
    { what: '__proto__ as a value', text: '["__proto__"]', value: ['__proto__'] },
    { what: 'constructor as a key', text: '{"constructor":1}', value: { constructor: 1 } },
  ])('$what', ({ text, value }) => {
    expect(parseStrictJson(text)).toEqual({ ok: true, value })
  })

  test('another depth, when it is asked for', () => {
    expect(parseStrictJson('[[]]', { depth: 1 })).toEqual({ ok: false, error: 'nested deeper than 1 levels' })
    expect(parseStrictJson('[]', { depth: 1 })).toEqual({ ok: true, value: [] })
  })
})

const hasProto = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto))

describe('parseStrictJson and JSON.parse', () => {
  const jsonLike = fc
    .array(
      fc.constantFrom(
        ...'{}[]:,"\\ \n',
        '"a"',
        '"\\u0061"',
        '"__proto__"',
        '\\ud800',
        '😀',
        '0',
        '-1.5e3',
        '1e999',
        'true',
        'null',
      ),
      { maxLength: 14 },
    )
    .map((tokens) => tokens.join(''))

  test('agree wherever it accepts', () => {
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const strict = parseStrictJson(text)
        if (strict.ok) expect(strict.value).toEqual(JSON.parse(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('agree on every value that JSON.stringify writes, save __proto__', () => {
    const values = fc.jsonValue({ maxDepth: 8, stringUnit: 'grapheme' }).filter((value) => !hasProto(value))
    fc.assert(
      fc.property(values, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
      { numRuns: 1000 },
    )
  })

  test('a key written twice is refused wherever it stands', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 })
    const usable = members.filter((object) => !hasProto(object))
    fc.assert(
      fc.property(usable, fc.nat(), (object, at) => {
        const keys = Object.keys(object)
        const again = JSON.stringify(keys[at % keys.length])
        const text = `[${JSON.stringify(object).slice(0, -1)},${again}:0}]`
        expect(parseStrictJson(text)).toEqual({ ok: false, error: TWICE })
      }),
    )
  })
})

describe('decodeUtf8', () => {
  test.each<{ what: string; bytes: number[]; decoded: ReturnType<typeof decodeUtf8> }>([
    { what: 'text', bytes: [0x7b, 0x7d], decoded: { ok: true, value: '{}' } },
    { what: 'four bytes', bytes: [0xf0, 0x9f, 0x98, 0x80], decoded: { ok: true, value: '😀' } },
    { what: 'keeps a byte order mark', bytes: [0xef, 0xbb, 0xbf, 0x31], decoded: { ok: true, value: '\ufeff1' } },
    { what: 'an overlong slash', bytes: [0xc0, 0xaf], decoded: { ok: false, error: 'not valid UTF-8' } },
    { what: 'a surrogate', bytes: [0xed, 0xa0, 0x80], decoded: { ok: false, error: 'not valid UTF-8' } },
    { what: 'a lone continuation', bytes: [0x22, 0x80, 0x22], decoded: { ok: false, error: 'not valid UTF-8' } },
    { what: 'a character that is cut', bytes: [0xf0, 0x9f], decoded: { ok: false, error: 'not valid UTF-8' } },
    { what: 'UTF-16', bytes: [0xff, 0xfe, 0x7b, 0x00], decoded: { ok: false, error: 'not valid UTF-8' } },
  ])('$what', ({ bytes, decoded }) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toEqual(decoded)
  })
})
