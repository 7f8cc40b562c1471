import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { openDemoIssuer } from '../../../src/demo/issuer.ts'
import { DEMO_USERS } from '../../../src/demo/users.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-issuer-'))
afterAll(() => rm(folder, { recursive: true }))
const NOW = Date.parse('2026-11-22T12:00:00.500Z')
const newDir = () => mkdtemp(join(folder, 'state-'))

async function issuerIn(dir: string) {
  const opened = await openDemoIssuer(dir, randomUUID)
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

const decode = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? '', 'base64url').toString())

test('the key is for this user alone; the key set holds nothing of it but the public part', async () => {
  const dir = await newDir()
  const { jwksFile } = await issuerIn(dir)
  expect((await stat(join(dir, 'issuer-key.json'))).mode & 0o777).toBe(0o600)
  const { keys } = JSON.parse(await readFile(jwksFile, 'utf8'))
  expect(keys.map((key: object) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']])
  expect((await readdir(dir)).sort()).toEqual(['issuer-key.json', 'jwks.json'])
})

test('a second start finds the key of the first', async () => {
  const dir = await newDir()
  const read = async () => readFile((await issuerIn(dir)).jwksFile, 'utf8')
  expect(await read()).toBe(await read())
})

test('many that start at once have one key', async () => {
  const dir = await newDir()
  const issuers = await Promise.all(Array.from({ length: 16 }, () => issuerIn(dir)))
  const tokens = await Promise.all(issuers.map(({ issueToken }) => issueToken(DEMO_USERS[0], 60, NOW)))
  const headers = tokens.map((token) => token.ok && token.value.split('.')[0])
  expect(new Set(headers).size).toBe(1)
  expect((await readdir(dir)).sort()).toEqual(['issuer-key.json', 'jwks.json'])
})

test('a key that another process makes meanwhile is the one in use', async () => {
  const [dir, other] = [await newDir(), await newDir()]
  const expected = await readFile((await issuerIn(other)).jwksFile, 'utf8')
  const key = await readFile(join(other, 'issuer-key.json'))
  const newId = () => {
    writeFileSync(join(dir, 'issuer-key.json'), key, { mode: 0o600 })
    return randomUUID()
  }
  expect((await openDemoIssuer(dir, newId)).ok).toBe(true)
  expect(await readFile(join(dir, 'jwks.json'), 'utf8')).toBe(expected)
})

describe('a key that is refused', () => {
  const remedy = (path: string) => `remove ${path} and start again; tokens issued before end with it`
  test.each<{ name: string; spoil: (path: string) => Promise<void>; problem: string }>([
    { name: 'open to a group', spoil: (path) => chmod(path, 0o640), problem: 'is open to other users' },
    { name: 'open to all', spoil: (path) => chmod(path, 0o604), problem: 'is open to other users' },
    { name: 'not JSON', spoil: (path) => writeFile(path, '{'), problem: 'is malformed' },
    { name: 'half a key', spoil: (path) => writeFile(path, '{"kty":"EC"}'), problem: 'is malformed' },
    {
      name: 'a link',
      spoil: async (path) => {
        await rename(path, `${path}.moved`)
        await symlink(`${path}.moved`, path)
      },
      problem: 'cannot be read (ELOOP)',
    },
  ])('$name', async ({ spoil, problem }) => {
    const dir = await newDir()
    const path = join(dir, 'issuer-key.json')
    await issuerIn(dir)
    await spoil(path)
    expect(await openDemoIssuer(dir, randomUUID)).toEqual({
      ok: false,
      error: `the key of the demo issuer ${problem}; ${remedy(path)}`,
    })
  })
})

test('a token says what RFC 9068 wants, and the role of its user', async () => {
  const dir = await newDir()
  const issuer = await openDemoIssuer(dir, () => 'id')
  const token = issuer.ok ? await issuer.value.issueToken(DEMO_USERS[2], 3600, NOW) : issuer
  const [header, claims] = token.ok
    ? token.value.split('.').map((part, index) => (index < 2 ? decode(part) : part))
    : []
  expect({ header, claims }).toEqual({
    header: { alg: 'ES256', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) },
    claims: {
      iss: 'urn:portcullis:demo',
      aud: 'urn:portcullis:demo:mcp',
      sub: 'readonly',
      roles: ['readonly'],
      scope: 'mcp:read',
      client_id: 'portcullis-demo',
      jti: 'id',
      iat: Math.floor(NOW / 1000),
      exp: Math.floor(NOW / 1000) + 3600,
    },
  })
})

test.each([0, -1, 1.5, Number.NaN, 604_801])('a life of %p seconds is refused', async (ttl) => {
  const { issueToken } = await issuerIn(await newDir())
  expect(await issueToken(DEMO_USERS[0], ttl, NOW)).toEqual({
    ok: false,
    error: 'a demo token lives from 1 to 604800 seconds',
  })
})
