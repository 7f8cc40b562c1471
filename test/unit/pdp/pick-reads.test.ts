import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../src/model/json.ts'
import { pickReads } from '../../../src/pdp/pick-reads.ts'

const paths = (dotted: readonly string[]) => dotted.map((path) => (path === '' ? [] : path.split('.')))

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

const INPUT: JsonObject = freeze({
  a: { b: { c: 1, d: [1] }, e: 'text' },
  n: null,
  list: [{ x: 1 }],
  yes: true,
  no: 7,
})

describe('of an input is taken', () => {
  test.each<{ what: string; values?: readonly string[]; types?: readonly string[]; picked: JsonObject }>([
    { what: 'nothing, when nothing is read', picked: {} },
    { what: 'all, when all may be read', values: ['', 'a.b'], picked: INPUT },
    { what: 'all, when its type is asked', types: [''], picked: INPUT },
    { what: 'a value with all that is in it', values: ['a.b'], picked: { a: { b: { c: 1, d: [1] } } } },
    {
      what: 'a value once, in whatever order it is named',
      values: ['a.b.c', 'a', 'a.e'],
      picked: { a: { b: { c: 1, d: [1] }, e: 'text' } },
    },
    { what: 'neighbours', values: ['a.e', 'a.b.c'], picked: { a: { b: { c: 1 }, e: 'text' } } },
    { what: 'null, which is there', values: ['n'], picked: { n: null } },
    { what: 'an array as a whole', values: ['list'], picked: { list: [{ x: 1 }] } },
    { what: 'nothing for what is not there', values: ['x', 'a.x', 'a.e.f', 'list.0', 'n.x'], picked: {} },
    {
      what: 'an empty value where only the type is asked',
      types: ['a', 'a.e', 'n', 'list', 'yes', 'no', 'x'],
      picked: { a: { e: '' }, n: null, list: [], yes: false, no: 0 },
    },
    {
      what: 'a value within what is asked for its type',
      values: ['a.b.c'],
      types: ['a'],
      picked: { a: { b: { c: 1 } } },
    },
    { what: 'a value that is asked for its type too', values: ['a.e'], types: ['a.e'], picked: { a: { e: 'text' } } },
    { what: 'no type below a value', values: ['a.b'], types: ['a.b.d'], picked: { a: { b: { c: 1, d: [1] } } } },
  ])('$what', ({ values = [], types = [], picked }) => {
    expect(pickReads({ values: paths(values), types: paths(types) })(INPUT)).toStrictEqual(picked)
  })

  test('nothing that is inherited', () => {
    const reads = { values: [['constructor'], ['__proto__', 'toString'], ['a', 'hasOwnProperty']], types: [] }
    expect(pickReads(reads)(INPUT)).toStrictEqual({})
  })
})
