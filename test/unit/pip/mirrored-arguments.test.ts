import { describe, expect, test } from '@jest/globals'
import { Type } from 'typebox'
import type { JsonObject } from '../../../src/model/json.ts'
import { mirroredArguments, mismatches } from '../../../src/pip/mirrored-arguments.ts'

const SCHEMA = Type.Object({
  region: Type.String({ 'x-mcp-header': 'Region' }),
  count: Type.Integer({ 'x-mcp-header': 'Count' }),
  dry: Type.Boolean({ 'x-mcp-header': 'Dry-Run' }),
  nested: Type.Object({ id: Type.String({ 'x-mcp-header': 'Nested-Id' }) }),
  plain: Type.String(),
  odd: Type.String({ 'x-mcp-header': 5 }),
  list: Type.Array(Type.Object({ id: Type.String({ 'x-mcp-header': 'No' }) })),
})
const MIRRORED = mirroredArguments(SCHEMA)

test('what a schema marks, by properties alone', () => {
  expect(MIRRORED).toEqual([
    { header: 'mcp-param-region', members: ['region'] },
    { header: 'mcp-param-count', members: ['count'] },
    { header: 'mcp-param-dry-run', members: ['dry'] },
    { header: 'mcp-param-nested-id', members: ['nested', 'id'] },
  ])
})

const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`

describe('an argument and its header', () => {
  type Row = { what: string; sent: JsonObject; headers: Record<string, string>; wrong: string[] }
  const region = (value: JsonObject[string], carried: string | undefined, wrong: boolean): Row => ({
    what: `region ${JSON.stringify(value)} as ${carried}`,
    sent: { region: value },
    headers: carried === undefined ? {} : { 'mcp-param-region': carried },
    wrong: wrong ? ['mcp-param-region'] : [],
  })
  const count = (value: number, carried: string, wrong: boolean): Row => ({
    what: `count ${value} as ${carried}`,
    sent: { count: value },
    headers: { 'mcp-param-count': carried },
    wrong: wrong ? ['mcp-param-count'] : [],
  })
  const dry = (value: boolean, carried: string, wrong: boolean): Row => ({
    what: `dry ${value} as ${carried}`,
    sent: { dry: value },
    headers: { 'mcp-param-dry-run': carried },
    wrong: wrong ? ['mcp-param-dry-run'] : [],
  })

  test.each<Row>([
    { what: 'neither', sent: {}, headers: {}, wrong: [] },
    region('eu', 'eu', false),
    region('eu', base64('eu'), false),
    region('é', base64('é'), false),
    region('', base64(''), false),
    region(base64('eu'), base64(base64('eu')), false),
    region('eu', 'us', true),
    region('eu', 'EU', true),
    region('eu', undefined, true),
    region('eu', '=?base64?!!?=', true),
    region('eu', base64('us'), true),
    region('é', 'é', true),
    region('', '', true),
    region(base64('eu'), base64('eu'), true),
    region(null, undefined, false),
    region(null, 'null', true),
    region(['eu'], 'eu', true),
    region({ a: 1 }, '[object Object]', true),
    count(5, '5', false),
    count(5, '05', false),
    count(-5, '-5', false),
    count(0, '0', false),
    count(5, '6', true),
    count(5, '5.0', true),
    count(5, '5e0', true),
    count(5, '0x5', true),
    count(0, ' ', true),
    count(0, '', true),
    dry(true, 'true', false),
    dry(false, 'false', false),
    dry(true, 'True', true),
    dry(true, '1', true),
    dry(false, '', true),
    {
      what: 'a header without its argument',
      sent: {},
      headers: { 'mcp-param-region': 'eu' },
      wrong: ['mcp-param-region'],
    },
    {
      what: 'a nested argument',
      sent: { nested: { id: 'x' } },
      headers: { 'mcp-param-nested-id': 'x' },
      wrong: [],
    },
    {
      what: 'a nested argument whose parent is something else',
      sent: { nested: 'x' },
      headers: { 'mcp-param-nested-id': 'x' },
      wrong: ['mcp-param-nested-id'],
    },
    { what: 'a header that no argument has', sent: {}, headers: { 'mcp-param-other': 'x' }, wrong: [] },
    {
      what: 'all that is wrong',
      sent: { region: 'eu', count: 1, dry: true },
      headers: { 'mcp-param-region': 'us', 'mcp-param-dry-run': 'true' },
      wrong: ['mcp-param-region', 'mcp-param-count'],
    },
  ])('$what (C-040)', ({ sent, headers, wrong }) => {
    expect(mismatches(MIRRORED, sent, new Map(Object.entries(headers)))).toEqual(wrong)
  })

  test('inherited members are no arguments', () => {
    const mirrored = [{ header: 'mcp-param-x', members: ['constructor', 'name'] }]
    expect(mismatches(mirrored, {}, new Map())).toEqual([])
  })
})
