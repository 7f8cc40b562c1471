import { describe, expect, test } from '@jest/globals'
import { changedLiterals, type Literals, literalsIn } from '../../../../src/pap/diff/literals.ts'

describe('constants of rules', () => {
  test.each<{ source: string; literals: Literals }>([
    { source: 'x if input.a == "one"', literals: { strings: ['one'], numbers: [] } },
    { source: '# "comment"\nx if input.a == "b # c"', literals: { strings: ['b # c'], numbers: [] } },
    { source: 'x := "a\\"b\\u0041"', literals: { strings: ['a"bA'], numbers: [] } },
    { source: 'x := `raw "text"`', literals: { strings: ['raw "text"'], numbers: [] } },
    { source: 'x if input.hour >= 22; y2 := 1.5', literals: { strings: [], numbers: [1.5, 22] } },
    { source: 'x := $"{input.a} per minute"', literals: { strings: [], numbers: [] } },
    { source: 'x := "a sentence for people"', literals: { strings: [], numbers: [] } },
    { source: 'x := "b"; y := "a"; z := "b"', literals: { strings: ['a', 'b'], numbers: [] } },
  ])('$source', ({ source, literals }) => {
    expect(literalsIn([source])).toEqual(literals)
  })

  test('what stands in one of the two alone', () => {
    const base = { strings: ['a', 'b'], numbers: [1, 2] }
    expect(changedLiterals(base, { strings: ['c', 'b'], numbers: [2, 0] })).toEqual({
      strings: ['a', 'c'],
      numbers: [0, 1],
    })
  })
})
