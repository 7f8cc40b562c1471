import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toLine } from '../../../src/audit/line.ts'
import { decision } from './facts.ts'

describe('toLine', () => {
  test.each<[string, string]>([
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['NUL', '\u0000'],
    ['ESC', '\u001b'],
    ['DEL', '\u007f'],
    ['NEL', '\u0085'],
    ['CSI', '\u009b'],
    ['the line separator', '\u2028'],
    ['the paragraph separator', '\u2029'],
    ['right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['a zero-width space', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a lone surrogate', '\ud800'],
  ])('escapes %s (G-001)', (_, char) => {
    const record = decision({ cause: `a${char}"b` })
    const line = toLine(record)
    expect(line.endsWith('\n')).toBe(true)
    expect(line.slice(0, -1).includes(char)).toBe(false)
    expect(JSON.parse(line)).toEqual(record)
  })

  test('is one line of JSON that gives the record back, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const record = decision({ input: { value } })
        const line = toLine(record)
        expect(line.split(/[\n\r\u0085\u2028\u2029]/)).toEqual([line.slice(0, -1), ''])
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(record)))
      }),
    )
  })
})
