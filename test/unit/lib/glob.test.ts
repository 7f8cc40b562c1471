import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compileGlob } from '../../../src/lib/glob.ts'

const matches = (glob: string, path: string) => {
  const compiled = compileGlob(glob)
  return compiled.ok ? compiled.value(path) : compiled
}

describe('compileGlob', () => {
  const cases: readonly (readonly [glob: string, path: string, expected: boolean])[] = [
    ['*.md', 'a.md', true],
    ['*.md', '.md', true],
    ['*.md', 'docs/a.md', false],
    ['*.md', 'a.md.txt', false],
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/b/a.md', false],
    ['docs/**', 'docs/b/a.md', true],
    ['docs/**', 'docs', false],
    ['**', 'docs/b/a.md', true],
    ['**/a.md', 'a.md', true],
    ['**/a.md', 'docs/b/a.md', true],
    ['**/a.md', 'docs/xa.md', false],
    ['src/**/t.ts', 'src/t.ts', true],
    ['src/**/t.ts', 'src/a/b/t.ts', true],
    ['src/**/t.ts', 'srca/t.ts', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a.c', 'abc', false],
    ['(a+)+$', '(a+)+$', true],
    ['(a+)+$', 'aaa', false],
    ['[ab]{c,d}', '[ab]{c,d}', true],
    ['[ab]', 'a', false],
    ['a\\*', 'a\\b', true],
    ['--pre=sh', '--pre=sh', true],
    ['.*', 'a', false],
    ['é*', 'éa', true],
    ['A', 'a', false],
  ]
  test.each(cases)('%j on %j: %s', (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected)
  })

  const refused: readonly (readonly [glob: string, error: string])[] = [
    ['', 'a glob of 1 to 256 characters'],
    ['a'.repeat(257), 'a glob of 1 to 256 characters'],
    ['*a'.repeat(17), 'a glob with at most 16 wildcards'],
  ]
  test.each(refused)('%j is refused', (glob, error) => {
    expect(compileGlob(glob)).toEqual({ ok: false, error })
  })

  test('the worst pattern on the longest path answers (A-045)', () => {
    expect(matches('*a'.repeat(16), `${'a/'.repeat(2047)}b`)).toBe(false)
  })

  test('any string compiles or is refused, and matches itself where it has no wildcard', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
        fc.pre(!/[*?]/.test(text))
        expect(matches(text, text)).toBe(true)
      }),
    )
  })
})
