import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeMirrored } from '../../../src/lib/mirrored-header.ts'

const sentinel = (text: string | Uint8Array) => `=?base64?${Buffer.from(text).toString('base64')}?=`

describe('decodeMirrored', () => {
  test.each<{ what: string; value: string; decoded: string | undefined }>([
    { what: 'plain ASCII', value: 'readFile', decoded: 'readFile' },
    { what: 'ASCII with inner spaces', value: 'a b', decoded: 'a b' },
    { what: 'one character', value: '~', decoded: '~' },
    { what: 'base64 of ASCII', value: sentinel('secret'), decoded: 'secret' },
    { what: 'base64 of Unicode', value: sentinel('ｒead é😀'), decoded: 'ｒead é😀' },
    { what: 'base64 of padded text', value: sentinel(' a '), decoded: ' a ' },
    { what: 'base64 of nothing', value: '=?base64??=', decoded: '' },
    { what: 'base64 of a sentinel', value: sentinel('=?base64?YQ==?='), decoded: '=?base64?YQ==?=' },
    { what: 'base64 keeps a byte order mark', value: sentinel('\ufeffa'), decoded: '\ufeffa' },
    { what: 'upper case is no sentinel', value: '=?BASE64?YQ==?=', decoded: '=?BASE64?YQ==?=' },
    { what: 'nothing', value: '', decoded: undefined },
    { what: 'a leading space', value: ' a', decoded: undefined },
    { what: 'a trailing space', value: 'a ', decoded: undefined },
    { what: 'a tab', value: 'a\tb', decoded: undefined },
    { what: 'plain Unicode', value: 'é', decoded: undefined },
    { what: 'a plain value like a sentinel', value: '=?base64?YQ==', decoded: undefined },
    { what: 'characters that are not base64', value: '=?base64?!!!?=', decoded: undefined },
    { what: 'base64url', value: '=?base64?_-_-?=', decoded: undefined },
    { what: 'base64 without its padding', value: '=?base64?YQ?=', decoded: undefined },
    { what: 'base64 with bits left over', value: '=?base64?YR==?=', decoded: undefined },
    { what: 'base64 of bytes that are not UTF-8', value: sentinel(Uint8Array.of(0xff)), decoded: undefined },
    { what: 'base64 of a surrogate', value: sentinel(Uint8Array.of(0xed, 0xa0, 0x80)), decoded: undefined },
  ])('$what', ({ value, decoded }) => {
    expect(decodeMirrored(value)).toBe(decoded)
  })

  test('gives back every text that was encoded', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(decodeMirrored(sentinel(text))).toBe(text)))
  })
})
