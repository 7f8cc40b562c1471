import { expect, jest, test } from '@jest/globals'
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
  expect(filterList(items, decide, enforce)).toEqual({ ids, listed: { asked: 6, shown, indeterminate: 2 } })
})

test('each item is asked for once', () => {
  const asked = jest.fn(decide)
  filterList(items, asked, true)
  expect(asked.mock.calls).toEqual(items.map((item) => [item]))
})

test('an empty list asks nothing', () => {
  expect(filterList([], decide, true)).toEqual({ ids: [], listed: { asked: 0, shown: 0, indeterminate: 0 } })
})

test('what is read as it changes must be permitted, not only visible', () => {
  const reads = items.map((item) => ({ ...item, properties: { ...item.properties, arguments: {} } }))
  expect(filterList(reads, decide, true).ids).toEqual(['permitted'])
})

test.each([
  ['tool', 'tools/call'],
  ['prompt', 'prompts/get'],
  ['resource', 'resources/read'],
  ['resource_template', 'resources/read'],
])('a %s is there for %s', (type, action) => {
  expect(actionOn({ type, id: 'x', properties: {} })).toBe(action)
})
