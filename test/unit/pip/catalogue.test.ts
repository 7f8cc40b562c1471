import { describe, expect, test } from '@jest/globals'
import { Type } from 'typebox'
import { toCursor } from '../../../src/lib/cursor.ts'
import type { McpCall } from '../../../src/model/call.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import { createCatalogue } from '../../../src/pip/catalogue.ts'
import { tool } from './tools.ts'

const closed = { additionalProperties: false }
const READ = tool({
  input: Type.Object(
    { path: Type.String({ 'x-mcp-header': 'Path' }), encoding: Type.String({ default: 'utf8' }) },
    closed,
  ),
  output: Type.Object({ text: Type.String() }),
  paths: { '/path': 'read' },
})
const COPY = tool({
  name: 'copyFile',
  title: 'Copy',
  readOnly: false,
  tags: ['files', 'write'],
  input: Type.Object({ from: Type.String(), to: Type.String(), also: Type.String() }, closed),
  paths: { '/to': 'write', '/from': 'read', '/also': 'read' },
})
const CATALOGUE = createCatalogue('files', [READ, COPY])

const call = (change: Partial<McpCall> = {}): McpCall => ({
  era: 'legacy',
  protocolVersion: '2025-11-25',
  id: 1,
  method: 'tools/call',
  target: { type: 'server' },
  params: {},
  mirrored: new Map(),
  bytes: 1,
  ...change,
})
const toolCall = (name: string, args: JsonObject = {}, change: Partial<McpCall> = {}) =>
  CATALOGUE.describe(call({ target: { type: 'tool', name, arguments: args }, ...change }))

const READ_PROPERTIES = { server: 'files', read_only: true, access: ['read'], tags: ['files'] }
const COPY_PROPERTIES = { server: 'files', read_only: false, access: ['read', 'write'], tags: ['files', 'write'] }
const SERVER = { type: 'server', id: 'files', properties: {} }
const NOTHING = { faults: [], mismatched: [], arguments: {}, items: [] }

describe('a tool of ours', () => {
  test('is described in our words, with what was sent and its defaults', () => {
    const args = { path: '/docs/a.txt', encoding: 'utf8' }
    expect(toolCall('readFile', { path: '/docs/a.txt' })).toEqual({
      ...NOTHING,
      known: true,
      resource: {
        type: 'tool',
        id: 'readFile',
        properties: {
          ...READ_PROPERTIES,
          arguments: args,
          paths: [{ argument: '/path', segments: ['docs', 'a.txt'], access: 'read' }],
        },
      },
      arguments: args,
    })
  })

  test('with faults is the existence question, and the faults are kept', () => {
    const described = toolCall('readFile', { path: '../x', encoding: 'utf8' })
    expect(described.resource).toEqual({ type: 'tool', id: 'readFile', properties: READ_PROPERTIES })
    expect(described.faults).toEqual([
      { pointer: '/path', expected: 'must be a path without empty, "." or ".." segments' },
    ])
    expect(described.known).toBe(true)
  })

  test('without arguments is decided with none, not asked whether it exists', () => {
    const none = createCatalogue('files', [tool()])
    const { resource } = none.describe(call({ target: { type: 'tool', name: 'readFile', arguments: {} } }))
    expect(resource.properties).toMatchObject({ arguments: {}, paths: [] })
  })

  test('of the modern era has its headers compared with what was sent, not with defaults', () => {
    const modern = { era: 'modern', mirrored: new Map([['mcp-param-path', 'b']]) } as const
    expect(toolCall('readFile', { path: 'a' }, modern).mismatched).toEqual(['mcp-param-path'])
    expect(toolCall('readFile', { path: 'b' }, modern).mismatched).toEqual([])
    expect(toolCall('readFile', { path: 'a' }, { mirrored: modern.mirrored }).mismatched).toEqual([])
  })
})

describe('a tool that is not ours', () => {
  test.each([
    'wipe',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'READFILE',
    'readFile ',
    'reаdFile',
    'ｒeadFile',
    'readFile\u200b',
    '',
  ])('%j has empty properties, no faults, and takes the same path (C-018, C-062)', (name) => {
    const modern = { era: 'modern', mirrored: new Map([['mcp-param-path', 'b']]) } as const
    expect(toolCall(name, { path: 5, evil: 1 }, modern)).toEqual({
      ...NOTHING,
      known: false,
      resource: { type: 'tool', id: name, properties: {} },
    })
  })
})

describe('the server and its lists', () => {
  test('the server', () => {
    expect(CATALOGUE.describe(call({ method: 'ping' }))).toEqual({ ...NOTHING, known: true, resource: SERVER })
  })

  test('a list holds the existence question of each tool, in order', () => {
    expect(CATALOGUE.describe(call({ method: 'tools/list', target: { type: 'tools' } }))).toEqual({
      ...NOTHING,
      known: true,
      resource: SERVER,
      items: [
        { type: 'tool', id: 'readFile', properties: READ_PROPERTIES },
        { type: 'tool', id: 'copyFile', properties: COPY_PROPERTIES },
      ],
      page: {},
    })
  })

  test.each([
    {
      what: 'an item',
      cursor: 'readFile',
      items: [{ type: 'tool', id: 'copyFile', properties: COPY_PROPERTIES }],
      after: { item: { type: 'tool', id: 'readFile', properties: READ_PROPERTIES }, known: true },
    },
    {
      what: 'the last one',
      cursor: 'copyFile',
      items: [],
      after: { item: { type: 'tool', id: 'copyFile', properties: COPY_PROPERTIES }, known: true },
    },
    {
      what: 'nothing that is there',
      cursor: '__proto__',
      items: [],
      after: { item: { type: 'tool', id: '__proto__', properties: {} }, known: false },
    },
  ])('a page after $what', ({ cursor, items, after }) => {
    const target = { type: 'tools', cursor: toCursor(cursor) } as const
    expect(CATALOGUE.describe(call({ method: 'tools/list', target }))).toEqual({
      ...NOTHING,
      known: true,
      resource: SERVER,
      items,
      page: { after },
    })
  })

  test('names', () => {
    expect(CATALOGUE.names).toEqual(['readFile', 'copyFile'])
  })

  test('what tools/list shows is plain JSON', () => {
    expect(CATALOGUE.listing('tools', 'readFile')).toStrictEqual({
      name: 'readFile',
      title: 'Read a file',
      description: 'Reads a file',
      inputSchema: {
        type: 'object',
        required: ['path', 'encoding'],
        properties: { path: { type: 'string', 'x-mcp-header': 'Path' }, encoding: { type: 'string', default: 'utf8' } },
        additionalProperties: false,
      },
      outputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
      annotations: { title: 'Read a file', readOnlyHint: true, openWorldHint: false },
    })
  })

  test.each(['wipe', '__proto__', 'constructor'])('nothing is shown of %s', (name) => {
    expect(CATALOGUE.listing('tools', name)).toBeUndefined()
  })
})
