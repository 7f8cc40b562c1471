import { expect, test } from '@jest/globals'
import { type Layer, mergeLayers } from '../../../src/lib/layers.ts'

const layer = (name: string, value: unknown): Layer => ({ value, locate: () => name, base: name })

test('mappings merge, lists and texts replace', () => {
  const { value } = mergeLayers([
    layer('a', { x: { p: 1, q: 1 }, list: [1, 2], kept: true }),
    layer('b', { x: { q: 2 }, list: [3] }),
    layer('c', { x: { r: 3 } }),
  ])
  expect(value).toEqual({ x: { p: 1, q: 2, r: 3 }, list: [3], kept: true })
})

test.each<{ name: string; members: string[]; source: string }>([
  { name: 'the last that has it', members: ['x', 'q'], source: 'b' },
  { name: 'the only one', members: ['x', 'p'], source: 'a' },
  { name: 'an element', members: ['list', '0'], source: 'b' },
  { name: 'what encloses it', members: ['list', '0', 'absent'], source: 'b' },
  { name: 'an inherited name is nobody’s: the last', members: ['toString'], source: 'b' },
])('the source of a setting: $name', ({ members, source }) => {
  const merged = mergeLayers([layer('a', { x: { p: 1, q: 1 } }), layer('b', { x: { q: 2 }, list: [{}] })])
  expect(merged.sourceOf(members)?.base).toBe(source)
})

test('a key named __proto__ stays a key', () => {
  const { value } = mergeLayers([layer('a', {}), layer('b', JSON.parse('{"__proto__":{"enforce":false}}'))])
  expect(Object.keys(Object(value))).toEqual(['__proto__'])
  expect(Object(value).enforce).toBeUndefined()
})
