import { describe, expect, test } from '@jest/globals'
import { toSubject } from '../../../src/pip/claims.ts'
import type { ClaimMapping } from '../../../src/pip/issuer.ts'
import { CLAIMS, ISSUER, issuerOf } from './signing.ts'

const mapped = (claims: Record<string, unknown>, changes: Partial<ClaimMapping> = {}) =>
  toSubject({ ...CLAIMS, ...claims }, 'alice', issuerOf({ claims: { ...issuerOf().claims, ...changes } }))

describe('roles', () => {
  test.each<{ name: string; claim: unknown; mapping?: Partial<ClaimMapping>; expected: string[] }>([
    { name: 'an array', claim: ['admin', 'user'], expected: ['admin', 'user'] },
    { name: 'an array with a repetition', claim: ['admin', 'admin'], expected: ['admin'] },
    { name: 'B-038 a string where an array is configured', claim: 'admin', expected: [] },
    { name: 'B-038 a string with a space there', claim: 'admin user', expected: [] },
    { name: 'B-038 an object', claim: { 0: 'admin' }, expected: [] },
    { name: 'B-038 upper case stays another role', claim: ['ADMIN'], expected: ['ADMIN'] },
    { name: 'B-038 a leading space stays another role', claim: [' admin'], expected: [' admin'] },
    { name: 'an array with a number', claim: ['admin', 1], expected: [] },
    { name: 'an array of arrays', claim: [['admin']], expected: [] },
    { name: 'an empty name', claim: ['admin', ''], expected: [] },
    { name: 'a line feed', claim: ['admin\n'], expected: [] },
    { name: 'null', claim: null, expected: [] },
    { name: 'absent', claim: undefined, expected: [] },
    { name: 'more than 256', claim: Array.from({ length: 257 }, (_, i) => `r${i}`), expected: [] },
    { name: 'words', claim: 'admin user', mapping: { roles_format: 'space_separated' }, expected: ['admin', 'user'] },
    {
      name: 'an array where words are configured',
      claim: ['admin'],
      mapping: { roles_format: 'space_separated' },
      expected: [],
    },
    { name: 'words with two spaces', claim: 'admin  user', mapping: { roles_format: 'space_separated' }, expected: [] },
  ])('$name', ({ claim, mapping, expected }) => {
    expect(mapped({ roles: claim }, mapping).properties.roles).toEqual(expected)
  })

  test.each<{ name: string; pointer: string; expected: string[] }>([
    { name: 'nested', pointer: '/realm_access/roles', expected: ['admin'] },
    { name: 'a URL as name', pointer: '/https:~1~1x.example~1roles', expected: ['reader'] },
    { name: 'through an array', pointer: '/list/0', expected: [] },
    { name: 'an inherited member', pointer: '/constructor/name', expected: [] },
    { name: 'nowhere', pointer: '/a/b/c', expected: [] },
  ])('at a pointer: $name', ({ pointer, expected }) => {
    const claims = { realm_access: { roles: ['admin'] }, 'https://x.example/roles': ['reader'], list: [['admin']] }
    expect(mapped(claims, { roles: pointer }).properties.roles).toEqual(expected)
  })
})

describe('scopes', () => {
  test.each<{ name: string; claims: Record<string, unknown>; mapping?: Partial<ClaimMapping>; expected: string[] }>([
    { name: 'a string', claims: { scope: 'mcp:read mcp:write' }, expected: ['mcp:read', 'mcp:write'] },
    { name: 'B-039 a wildcard is a word like others', claims: { scope: 'files:*' }, expected: ['files:*'] },
    { name: 'B-039 a tab', claims: { scope: 'files:read\tfiles:write' }, expected: [] },
    { name: 'B-039 10,000 of them', claims: { scope: 's '.repeat(10_000).trim() }, expected: [] },
    { name: 'an empty string', claims: { scope: '' }, expected: [] },
    { name: 'a quotation mark', claims: { scope: 'a"b' }, expected: [] },
    { name: 'scp as an array', claims: { scope: undefined, scp: ['a', 'b'] }, expected: ['a', 'b'] },
    { name: 'scp as a string', claims: { scope: undefined, scp: 'a b' }, expected: ['a', 'b'] },
    { name: 'scope before scp', claims: { scope: 'a', scp: ['b'] }, expected: ['a'] },
    { name: 'an object', claims: { scope: { a: 1 } }, expected: [] },
    { name: 'an array with a number', claims: { scope: ['a', 1] }, expected: [] },
    {
      name: 'where configured',
      claims: { scope: 'a', permissions: ['p'] },
      mapping: { scopes: '/permissions' },
      expected: ['p'],
    },
    { name: 'where configured only', claims: { scope: 'a' }, mapping: { scopes: '/permissions' }, expected: [] },
  ])('$name', ({ claims, mapping, expected }) => {
    expect(mapped(claims, mapping).properties.scopes).toEqual(expected)
  })
})

describe('the type of a subject', () => {
  const type = { claim: '/gty', values: { 'client-credentials': 'service' }, default: 'user' }
  test.each<{ name: string; gty: unknown; expected: string }>([
    { name: 'mapped', gty: 'client-credentials', expected: 'service' },
    { name: 'unknown value', gty: 'password', expected: 'user' },
    { name: 'inherited name', gty: 'toString', expected: 'user' },
    { name: 'no string', gty: ['client-credentials'], expected: 'user' },
    { name: 'absent', gty: undefined, expected: 'user' },
  ])('$name', ({ gty, expected }) => {
    expect(mapped({ gty }, { type }).type).toBe(expected)
  })
})

test('a subject as a whole', () => {
  const claims = { azp: 'web', client_id: undefined, org: { id: 'acme' }, department: 'sales', secret: 'x' }
  expect(mapped(claims, { tenant: '/org/id', keep: ['department', 'absent', 'toString'] })).toEqual({
    type: 'user',
    id: 'alice',
    properties: {
      issuer: ISSUER,
      home: true,
      tenant: 'acme',
      actors: [],
      client_id: 'web',
      roles: ['user'],
      scopes: ['mcp:read'],
      claims: { department: 'sales' },
    },
  })
})
