import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pointerMembers, toPointer } from '../../../src/lib/json-pointer.ts'

describe('JSON pointers', () => {
  test.each<{ pointer: string; members: string[] }>([
    { pointer: '', members: [] },
    { pointer: '/', members: [''] },
    { pointer: '/a/0/b', members: ['a', '0', 'b'] },
    { pointer: '/a~1b/~0', members: ['a/b', '~'] },
    { pointer: '/~01', members: ['~1'] },
    { pointer: '//', members: ['', ''] },
    { pointer: '/__proto__/é😀', members: ['__proto__', 'é😀'] },
  ])('"$pointer" names $members', ({ pointer, members }) => {
    expect(pointerMembers(pointer)).toEqual(members)
    expect(toPointer(members)).toBe(pointer)
  })

  test('an index is written as a number', () => {
    expect(toPointer(['paths', 0])).toBe('/paths/0')
  })

  test('members come back as they went in', () => {
    const member = fc.string({ unit: fc.constantFrom('~', '/', '0', '1', 'a', ' ') })
    fc.assert(fc.property(fc.array(member), (members) => expect(pointerMembers(toPointer(members))).toEqual(members)))
  })
})
