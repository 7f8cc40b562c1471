import { describe, expect, jest, test } from '@jest/globals'
import type { Decided } from '../../../src/model/decision.ts'
import type { Resource } from '../../../src/model/resource.ts'
import { actionOn, filterList } from '../../../src/pep/list.ts'
import { DENY, PERMIT, tool } from './world.ts'

const INDETERMINATE = { effect: 'indeterminate', code: 'no_decision', cause: 'trap' } as const
const answers: Readonly<Record<string, Decided>> = {
  permitted: PERMIT,
  needsScope: { ...DENY, scopes: ['mcp:write'] },
  deniedSometimes: DENY,
  hidden: { ...DENY, visible: false },
  undecided: INDETERMINATE,
  tooLarge: { ...INDETERMINATE, code: 'input_too_large' },
}
const items = Object.keys(answers).map(tool)
const decide = ({ id }: Resource) => answers[id] ?? INDETERMINATE

test.each<{ enforce: boolean; ids: string[]; shown: number }>([
  { enforce: true, ids: ['permitted', 'needsScope', 'deniedSometimes'], shown: 3 },
  { enforce: false, ids: ['permitted', 'needsScope', 'deniedSometimes', 'hidden'], shown: 4 },
])('a list holds what is visible, in its order; enforced: $enforce', ({ enforce, ids, shown }) => {
  expect(filterList({ items }, decide, enforce)).toEqual({ ids, listed: { asked: 6, shown, indeterminate: 2 } })
})

test('each item is asked for once', () => {
  const asked = jest.fn(decide)
  filterList({ items }, asked, true)
  expect(asked.mock.calls).toEqual(items.map((item) => [item]))
})

test('an empty list asks nothing', () => {
  expect(filterList({ items: [] }, decide, true)).toEqual({ ids: [], listed: { asked: 0, shown: 0, indeterminate: 0 } })
})

describe('a page', () => {
  const many = Array.from({ length: 600 }, (_, at) => tool(`t${at}`))
  const permit = () => PERMIT

  test('asks for no more than what fills it, and one that tells whether there is another', () => {
    const { ids, listed } = filterList({ items: many, page: {} }, permit, true)
    expect(ids).toEqual(many.slice(0, 251).map(({ id }) => id))
    expect(listed).toEqual({ asked: 251, shown: 251, indeterminate: 0 })
  })

  test('begins with the item that it comes after', () => {
    const page = { after: { item: tool('t0'), known: true } }
    const { ids, listed } = filterList({ items: many.slice(1), page }, permit, true)
    expect(ids).toEqual(many.slice(0, 252).map(({ id }) => id))
    expect(listed).toEqual({ asked: 252, shown: 252, indeterminate: 0 })
  })

  test.each<{ what: string; known: boolean; decided: Decided; enforce: boolean; indeterminate: number }>([
    { what: 'hidden', known: true, decided: { ...DENY, visible: false }, enforce: true, indeterminate: 0 },
    { what: 'unknown', known: false, decided: { ...DENY, visible: false }, enforce: true, indeterminate: 0 },
    { what: 'unknown, and nothing is enforced', known: false, decided: PERMIT, enforce: false, indeterminate: 0 },
    { what: 'undecided', known: true, decided: INDETERMINATE, enforce: true, indeterminate: 1 },
  ])(
    'after an item that is $what there is none, and one question tells',
    ({ known, decided, enforce, indeterminate }) => {
      const page = { after: { item: tool('x'), known } }
      const asked = jest.fn(() => decided)
      const listed = { asked: 1, shown: 0, indeterminate }
      expect(filterList({ items: many, page }, asked, enforce)).toEqual({ ids: [], listed })
      expect(asked.mock.calls).toEqual([[tool('x')]])
    },
  )

  test('only of what comes in pages: a subscription is asked about as a whole', () => {
    expect(filterList({ items: many }, permit, true).listed).toEqual({ asked: 600, shown: 600, indeterminate: 0 })
  })
})

test('what is read as it changes must be permitted, not only visible', () => {
  const reads = items.map((item) => ({ ...item, properties: { ...item.properties, arguments: {} } }))
  expect(filterList({ items: reads }, decide, true).ids).toEqual(['permitted'])
})

test.each([
  ['tool', 'tools/call'],
  ['prompt', 'prompts/get'],
  ['resource', 'resources/read'],
  ['resource_template', 'resources/read'],
])('a %s is there for %s', (type, action) => {
  expect(actionOn({ type, id: 'x', properties: {} })).toBe(action)
})
