import { describe, expect, test } from '@jest/globals'
import { parseLocatedYaml } from '../../../src/lib/located-yaml.ts'

const TEXT = 'a: 1\nb:\n  c:\n    - x\n    - { d: 2 }\n8: number\n'

test.each<{ members: string[]; place: unknown }>([
  { members: ['a'], place: { line: 1, column: 1 } },
  { members: ['b', 'c'], place: { line: 3, column: 3 } },
  { members: ['b', 'c', '0'], place: { line: 4, column: 7 } },
  { members: ['b', 'c', '1', 'd'], place: { line: 5, column: 9 } },
  { members: ['8'], place: { line: 6, column: 1 } },
  { members: ['absent'], place: undefined },
  { members: ['a', 'b'], place: undefined },
  { members: [], place: undefined },
])('the place of $members', ({ members, place }) => {
  const yaml = parseLocatedYaml(TEXT)
  expect(yaml.ok && yaml.value.locate(members)).toEqual(place)
})

describe('what is refused', () => {
  test.each<{ name: string; text: string; place: { line: number; column: number } }>([
    { name: 'a key twice', text: 'a: 1\na: 2', place: { line: 2, column: 1 } },
    { name: 'an unknown tag', text: 'a: !!js/function x', place: { line: 1, column: 4 } },
    { name: 'a second document', text: 'a: 1\n---\nb: 2', place: { line: 2, column: 1 } },
    { name: 'an alias of nothing', text: 'a: *x', place: { line: 1, column: 1 } },
    {
      name: 'aliases that multiply',
      text: `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [${Array(10).fill('*a')}]\nc: [${Array(10).fill('*b')}]`,
      place: { line: 1, column: 1 },
    },
  ])('$name', ({ text, place }) => {
    expect(parseLocatedYaml(text)).toMatchObject({ ok: false, error: [place] })
  })
})
