import { describe, expect, test } from '@jest/globals'
import { Type } from 'typebox'
import { ok } from '../../../src/lib/result.ts'
import { defineTool, isTool, type ToolDefinition, WorkspacePath } from '../../../src/tools/define.ts'

type Definition = ToolDefinition<ReturnType<typeof Type.Object>, ReturnType<typeof Type.Object>>
const closed = { additionalProperties: false } as const

const valid: Definition = {
  name: 'echo',
  title: 'Echo',
  description: 'Answers what it is given.',
  input: Type.Object({ path: WorkspacePath, paths: Type.Array(WorkspacePath, { maxItems: 9 }) }, closed),
  output: Type.Object({}),
  readOnly: true,
  run: async () => ok({}),
}
const withInput = (properties: Parameters<typeof Type.Object>[0]): Partial<Definition> => ({
  input: Type.Object(properties, closed),
})

describe('defineTool', () => {
  test('answers a frozen tool with the defaults', () => {
    const tool = defineTool({ ...valid, workspace: true, paths: { '/path': 'read', '/paths/*': 'list' } })
    expect(tool).toEqual({
      ...valid,
      tags: [],
      asks: false,
      requires: [],
      workspace: true,
      paths: { '/path': 'read', '/paths/*': 'list' },
      payload: [],
    })
    expect([tool, tool.tags, tool.paths, tool.payload].every(Object.isFrozen)).toBe(true)
    expect(isTool(tool)).toBe(true)
    expect(isTool({ ...tool })).toBe(false)
    expect(isTool(null)).toBe(false)
  })

  const name = 'name: 1 to 64 of A-Z a-z 0-9 _ -, and no name that every object has, such as "constructor"'
  const pointer = (at: string) => `${at} is the JSON pointer of no declared string; "/*" means each element`
  const object = 'an object must be closed: { additionalProperties: false }, no records'
  const unbounded = 'a schema that admits anything, or one that cannot be bounded ($ref, Type.Unknown, …)'
  const pattern = (p: string, maxLength = 9) => withInput({ a: Type.String({ maxLength, pattern: p }) })

  const refused: readonly (readonly [title: string, change: Partial<Definition>, faults: readonly string[]])[] = [
    ['an empty name', { name: '' }, [name]],
    ['a name with a space', { name: 'read file' }, [name]],
    ['a long name', { name: 'a'.repeat(65) }, [name]],
    ['__proto__', { name: '__proto__' }, [name]],
    ['constructor', { name: 'constructor' }, [name]],
    ['toString', { name: 'toString' }, [name]],
    ['no title', { title: '' }, ['title: must not be empty']],
    ['no description', { description: '' }, ['description: must not be empty; a model chooses tools by it']],
    ['an open input', { input: Type.Object({}) }, [`input: ${object}`]],
    ['an open object in the input', withInput({ a: Type.Object({}) }), [`input/a: ${object}`]],
    ['a record', withInput({ a: Type.Record(Type.String(), Type.Null()) }), [`input/a: ${object}`]],
    ['a string without bound', withInput({ a: Type.String() }), ['input/a: a string needs maxLength']],
    ['an array without bound', withInput({ a: Type.Array(Type.Null()) }), ['input/a: an array needs maxItems']],
    [
      'an element without bound',
      withInput({ a: Type.Array(Type.String(), { maxItems: 3 }) }),
      ['input/a/*: a string needs maxLength'],
    ],
    [
      'a member of a union without bound',
      withInput({ a: Type.Union([Type.Null(), Type.String()]) }),
      ['input/a: a string needs maxLength'],
    ],
    ['anything', withInput({ a: Type.Unknown() }), [`input/a: ${unbounded}`]],
    [
      'alternatives for each of many items',
      withInput({ a: Type.Array(Type.Union(Array.from({ length: 20 }, () => Type.Integer())), { maxItems: 10_000 }) }),
      ['input: a value may take 210001 steps to check, more than 200000; lower maxItems or the alternatives'],
    ],
    ['a reference', withInput({ a: Type.Ref('T') }), [`input/a: ${unbounded}`]],
    ['a reserved property', withInput({ constructor: Type.Null() }), ['input/constructor: reserved name']],
    [
      'nested quantifiers',
      pattern('^(a+)+$'),
      ['input/a: pattern must not contain groups or alternatives; use Type.Union or Type.Enum'],
    ],
    ['an open pattern', pattern('[a-z]+'), ['input/a: pattern must be anchored: ^…$']],
    ['an escaped anchor', pattern('^a\\$'), ['input/a: pattern must be anchored: ^…$']],
    ['three repetitions', pattern('^a*a*a{2,}$'), ['input/a: pattern must have at most 2 repetitions']],
    [
      'a pattern over a long string',
      pattern('^a*$', 4096),
      ['input/a: a string with a pattern needs maxLength <= 1024'],
    ],
    [
      'an output that is no object',
      { output: Type.Object({}, { type: 'string' }) },
      ['output: must be a Type.Object, or Content'],
    ],
    ['a path that is not declared', { paths: { '/nope': 'read' } }, [`paths: ${pointer('/nope')}`]],
    ['an inherited path', { paths: { '/toString': 'read' } }, [`paths: ${pointer('/toString')}`]],
    ['a path without a slash', { paths: { path: 'read' } }, [`paths: ${pointer('path')}`]],
    ['the array instead of its elements', { paths: { '/paths': 'read' } }, [`paths: ${pointer('/paths')}`]],
    ['a payload that is not declared', { payload: ['/content'] }, [`payload: ${pointer('/content')}`]],
    ['a read-only writer', { paths: { '/path': 'write' } }, ['readOnly: but a path is for writing']],
    ['two faults', { title: '', name: 'a b' }, [name, 'title: must not be empty']],
  ]
  test.each(refused)('%s is refused', (_, change, faults) => {
    const definition = { ...valid, ...change }
    const message = `defineTool ${JSON.stringify(definition.name)}:\n  ${faults.join('\n  ')}`
    expect(() => defineTool(definition)).toThrow(new TypeError(message))
  })

  const accepted: readonly (readonly [title: string, change: Partial<Definition>])[] = [
    ['a simple pattern', pattern('^[a-z()]+-\\(\\d{4}$')],
    ['an enum', withInput({ a: Type.Enum(['a', 'b']) })],
    ['literals', withInput({ a: Type.Union([Type.Literal('a'), Type.Literal(1)]) })],
    ['a tuple', withInput({ a: Type.Tuple([Type.Boolean(), Type.Integer()]) })],
    ['an object in an object', withInput({ a: Type.Object({ b: Type.Number() }, closed) })],
  ]
  test.each(accepted)('%s is accepted', (_, change) => {
    expect(isTool(defineTool({ ...valid, ...change }))).toBe(true)
  })
})
