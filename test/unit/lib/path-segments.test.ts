import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isSegment, toSegments } from '../../../src/lib/path-segments.ts'

describe('toSegments', () => {
  const accepted: readonly (readonly [path: string, segments: readonly string[]])[] = [
    ['', []],
    ['/', []],
    ['a', ['a']],
    ['/a', ['a']],
    ['a/', ['a']],
    ['/a/b.txt/', ['a', 'b.txt']],
    ['my..file.txt', ['my..file.txt']],
    ['...', ['...']],
    ['.env', ['.env']],
    ['%2e%2e%2fout%2fsecret.txt', ['%2e%2e%2fout%2fsecret.txt']],
    ['%252e%252e', ['%252e%252e']],
    ['..\\..\\out\\secret.txt', ['..\\..\\out\\secret.txt']],
    ['~/.ssh/id_rsa', ['~', '.ssh', 'id_rsa']],
    ['$HOME/x', ['$HOME', 'x']],
    ['secret.txt.', ['secret.txt.']],
    ['secret.txt ', ['secret.txt ']],
    ['caf\u00e9', ['caf\u00e9']],
    ['cafe\u0301', ['cafe\u0301']],
    ['👨‍👩‍👧.txt', ['👨‍👩‍👧.txt']],
    ['é'.repeat(127), ['é'.repeat(127)]],
    ['a/'.repeat(64), Array(64).fill('a')],
  ]
  test.each(accepted)('%j is taken literally', (path, segments) => {
    expect(toSegments(path)).toEqual({ ok: true, value: segments })
  })

  const dots = 'must be a path without empty, "." or ".." segments'
  const characters = 'must be a path of well-formed Unicode without control or invisible characters'
  const refused: readonly (readonly [path: string, expected: string])[] = [
    ['//', dots],
    ['//etc/passwd', dots],
    ['///srv/a/x', dots],
    ['/srv/a//private/k', dots],
    ['a//', dots],
    ['.', dots],
    ['..', dots],
    ['/public/../etc/passwd', dots],
    ['a/./b', dots],
    ['a/..', dots],
    ['file:///etc/passwd', dots],
    ['ok.txt\0.png', characters],
    ['s\ud800x', characters],
    ['\udc00', characters],
    ['a\nb', characters],
    ['\u001b[2Jx', characters],
    ['a\u202egnp.exe', characters],
    ['a\u200bb', characters],
    ['a\ufeff', characters],
    ['a\u2028b', characters],
    ['é'.repeat(128), 'must be a path with segments of at most 255 bytes'],
    ['a/'.repeat(65), 'must be a path of at most 64 segments'],
    ['é'.repeat(2049), 'must be a path of at most 4096 bytes'],
  ]
  test.each(refused)('%j is a fault', (path, expected) => {
    expect(toSegments(path)).toEqual({ ok: false, error: expected })
  })

  test('the segments are the path, save one slash at each end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '\\', '\0', 'é', '\ud800', '%2e') }), (path) => {
        const segments = toSegments(path)
        if (!segments.ok) return
        expect(segments.value.every(isSegment)).toBe(true)
        const joined = segments.value.join('/')
        expect([joined, `/${joined}`, `${joined}/`, `/${joined}/`]).toContain(path)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('isSegment', () => {
  const cases: readonly (readonly [name: string, expected: boolean])[] = [
    ['a', true],
    ['..a', true],
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a\0', false],
    ['a'.repeat(255), true],
    ['a'.repeat(256), false],
  ]
  test.each(cases)('%j: %s', (name, expected) => {
    expect(isSegment(name)).toBe(expected)
  })
})
