import { describe, expect, test } from '@jest/globals'
import { Type } from 'typebox'
import { sha256 } from '../../../src/lib/digest.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import { createArgumentReader } from '../../../src/pip/arguments.ts'
import { tool } from './tools.ts'

const closed = { additionalProperties: false }
const read = createArgumentReader(
  tool({
    input: Type.Object(
      {
        path: Type.String({ maxLength: 20 }),
        encoding: Type.Union([Type.Literal('utf8'), Type.Literal('base64')], { default: 'utf8' }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
        recursive: Type.Boolean({ default: false }),
        options: Type.Optional(Type.Object({ deep: Type.Boolean({ default: true }) }, closed)),
      },
      closed,
    ),
    paths: { '/path': 'read' },
  }),
)
const faultsOf = (sent: JsonObject) => read(sent).faults

describe('arguments that are sound', () => {
  test('get their defaults, and nothing else changes', () => {
    const args = { path: 'docs/a.txt', encoding: 'utf8', recursive: false }
    expect(read({ path: 'docs/a.txt' })).toEqual({
      faults: [],
      args,
      shown: args,
      paths: [{ argument: '/path', segments: ['docs', 'a.txt'], access: 'read' }],
    })
  })

  test('get nested defaults, where the object is there', () => {
    expect(read({ path: 'a', options: {} }).args).toEqual({
      path: 'a',
      encoding: 'utf8',
      recursive: false,
      options: { deep: true },
    })
  })

  test('leave what was sent as it was', () => {
    const sent = { path: 'a', options: {} }
    const { args } = read(sent)
    expect(sent).toEqual({ path: 'a', options: {} })
    expect(args['options']).not.toBe(sent.options)
  })

  test('what is shown without payloads is what runs', () => {
    const { args, shown } = read({ path: 'a' })
    expect(shown).toBe(args)
  })
})

describe('nothing is coerced (C-064)', () => {
  const integer = [{ pointer: '/limit', expected: 'must be integer' }]
  test.each<{ what: string; sent: JsonObject; faults: object[] }>([
    { what: 'a numeral', sent: { path: 'a', limit: '5' }, faults: integer },
    { what: 'true', sent: { path: 'a', limit: true }, faults: integer },
    { what: 'null', sent: { path: 'a', limit: null }, faults: integer },
    { what: 'a fraction', sent: { path: 'a', limit: 1.5 }, faults: integer },
    { what: 'one in an array', sent: { path: 'a', limit: [5] }, faults: integer },
    {
      what: 'the word true',
      sent: { path: 'a', recursive: 'true' },
      faults: [{ pointer: '/recursive', expected: 'must be boolean' }],
    },
    { what: 'a number for a path', sent: { path: 5 }, faults: [{ pointer: '/path', expected: 'must be string' }] },
    { what: 'an array for a path', sent: { path: ['a'] }, faults: [{ pointer: '/path', expected: 'must be string' }] },
    {
      what: 'null where there is a default',
      sent: { path: 'a', recursive: null },
      faults: [{ pointer: '/recursive', expected: 'must be boolean' }],
    },
  ])('$what', ({ sent, faults }) => {
    expect(faultsOf(sent)).toEqual(faults)
  })
})

describe('faults', () => {
  const UNKNOWN = 'is not an argument of this tool'

  test('are all told at once, each by its place and never by its value', () => {
    const faults = faultsOf({
      path: 'SECRET'.repeat(9),
      limit: 77,
      encoding: 'SECRET',
      recursive: 'SECRET',
      options: { deep: 'SECRET', more: 'SECRET' },
      a: 'SECRET',
      b: 'SECRET',
    })
    expect(faults).toEqual(
      expect.arrayContaining([
        { pointer: '/path', expected: 'must not have more than 20 characters' },
        { pointer: '/limit', expected: 'must be <= 9' },
        { pointer: '/encoding', expected: 'must be one of the values in the schema' },
        { pointer: '/recursive', expected: 'must be boolean' },
        { pointer: '/options/deep', expected: 'must be boolean' },
        { pointer: '/options/more', expected: UNKNOWN },
        { pointer: '/a', expected: UNKNOWN },
        { pointer: '/b', expected: UNKNOWN },
      ]),
    )
    expect(JSON.stringify(faults)).not.toContain('SECRET')
  })

  test('say everything once', () => {
    const faults = faultsOf({ path: 5, encoding: 7, a: 1 }).map(({ pointer, expected }) => `${pointer} ${expected}`)
    expect(new Set(faults).size).toBe(faults.length)
  })

  test('leave nothing for policy to look at', () => {
    expect(read({ path: 'a', limit: 77 })).toMatchObject({ shown: {}, paths: [] })
  })

  test('name what is missing', () => {
    expect(faultsOf({})).toEqual([{ pointer: '/path', expected: 'is required' }])
  })

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'prototype', 'Path', 'length', ''])(
    'an unknown argument %j',
    (name) => {
      const sent = JSON.parse(`{"path":"a",${JSON.stringify(name)}:{"admin":true}}`)
      expect(faultsOf(sent)).toEqual([{ pointer: `/${name}`, expected: UNKNOWN }])
      expect(Reflect.get({}, 'admin')).toBeUndefined()
    },
  )

  test('escape the names they quote, and cut long ones', () => {
    expect(faultsOf({ path: 'a', 'b/~c': 1 })).toEqual([{ pointer: '/b~1~0c', expected: UNKNOWN }])
    expect(faultsOf({ path: 'a', ['x'.repeat(5_000)]: 1 })).toEqual([
      { pointer: `/${'x'.repeat(127)}`, expected: UNKNOWN },
    ])
  })

  test('many unknown arguments are bounded, and never none', () => {
    const sent = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`x${at}`, 1]))
    const { length } = faultsOf({ path: 'a', ...sent })
    expect(length).toBeGreaterThan(8)
    expect(length).toBeLessThanOrEqual(64)
  })

  test('unknown arguments do not hide the others', () => {
    const sent = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`x${at}`, 1]))
    expect(faultsOf({ ...sent, limit: 0 })).toEqual(
      expect.arrayContaining([
        { pointer: '/path', expected: 'is required' },
        { pointer: '/limit', expected: 'must be >= 1' },
      ]),
    )
  })

  test('an open schema: what a value of a record should be, not that its name is unknown', () => {
    const labels = createArgumentReader(
      tool({ input: Type.Object({ labels: Type.Record(Type.String(), Type.String()) }, closed) }),
    )
    expect(labels({ labels: { a: 1, b: 'x' } }).faults).toEqual([{ pointer: '/labels/a', expected: 'must be string' }])
  })

  test('a required argument named like a member of Object.prototype must be sent (C-066)', () => {
    const odd = createArgumentReader(tool({ input: Type.Object({ toString: Type.String() }, closed) }))
    expect(odd({}).faults).toEqual([{ pointer: '/toString', expected: 'must be string' }])
    expect(odd({ toString: 'a' }).faults).toEqual([])
  })
})

describe('paths', () => {
  const paths = createArgumentReader(
    tool({
      input: Type.Object(
        {
          from: Type.Optional(Type.String()),
          items: Type.Optional(Type.Array(Type.String())),
          moves: Type.Optional(Type.Array(Type.Object({ to: Type.Optional(Type.String()) }, closed))),
        },
        closed,
      ),
      paths: { '/from': 'read', '/items/*': 'list', '/moves/*/to': 'write' },
    }),
  )
  const root = (argument: string, access: 'read' | 'list' | 'write') => ({ argument, segments: [], access })

  test('absent ones are the root', () => {
    expect(paths({}).paths).toEqual([root('/from', 'read'), root('/items/*', 'list'), root('/moves/*/to', 'write')])
  })

  test('/* means each element, and an absent member of one is the root', () => {
    expect(paths({ from: '/a/b/', items: ['c', '/'], moves: [{ to: 'd/e' }, {}] })).toMatchObject({
      faults: [],
      paths: [
        { argument: '/from', segments: ['a', 'b'], access: 'read' },
        { argument: '/items/0', segments: ['c'], access: 'list' },
        { argument: '/items/1', segments: [], access: 'list' },
        { argument: '/moves/0/to', segments: ['d', 'e'], access: 'write' },
        { argument: '/moves/1/to', segments: [], access: 'write' },
      ],
    })
  })

  test('no element, no path', () => {
    expect(paths({ from: 'a', items: [], moves: [] }).paths).toEqual([
      { argument: '/from', segments: ['a'], access: 'read' },
    ])
  })

  test('faults of every path are told, none is normalised away', () => {
    const dots = 'must be a path without empty, "." or ".." segments'
    expect(paths({ from: '../a', items: ['ok', 'a//b', './c'] }).faults).toEqual([
      { pointer: '/from', expected: dots },
      { pointer: '/items/1', expected: dots },
      { pointer: '/items/2', expected: dots },
    ])
  })

  test('a default counts as sent', () => {
    const listed = createArgumentReader(
      tool({ input: Type.Object({ path: Type.String({ default: 'public' }) }, closed), paths: { '/path': 'list' } }),
    )
    expect(listed({}).paths).toEqual([{ argument: '/path', segments: ['public'], access: 'list' }])
  })
})

describe('payloads', () => {
  const write = createArgumentReader(
    tool({
      input: Type.Object(
        {
          path: Type.String(),
          content: Type.Optional(Type.String()),
          file: Type.Optional(Type.Object({ body: Type.String(), name: Type.String() }, closed)),
        },
        closed,
      ),
      payload: ['/content', '/file/body'],
    }),
  )

  test('reach policy as bytes and digest, and the tool as sent', () => {
    const sent = { path: 'a', content: 'é😀', file: { body: '', name: 'n' } }
    expect(write(sent)).toEqual({
      faults: [],
      args: sent,
      shown: {
        path: 'a',
        content: { bytes: 6, sha256: sha256('é😀') },
        file: { body: { bytes: 0, sha256: sha256('') }, name: 'n' },
      },
      paths: [],
    })
  })

  test('absent ones stay absent', () => {
    expect(write({ path: 'a' }).shown).toStrictEqual({ path: 'a' })
  })
})
