import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { createRevocations } from '../../../src/pip/revocation.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-revocations-'))
afterAll(() => rm(folder, { recursive: true }))
let files = 0

async function setUp(text: string, extension = 'yaml') {
  const path = join(folder, `${files++}.${extension}`)
  await writeFile(path, text)
  const clock = { now: 0 }
  const created = await createRevocations({ path, now: () => clock.now })
  return { path, clock, created }
}

async function revocationsOf(text: string, extension?: string) {
  const { created, ...rest } = await setUp(text, extension)
  if (!created.ok) throw new Error(created.error)
  return { revocations: created.value, ...rest }
}

const token = { iss: 'https://a', sub: 'alice', jti: 't1', iat: Date.parse('2026-11-22T12:00:00Z') / 1000 }

describe('a token', () => {
  test.each<{ name: string; file: string; expected: boolean }>([
    { name: 'is in no list', file: 'jti: [t2]', expected: false },
    { name: 'and an empty file', file: '', expected: false },
    { name: 'by jti', file: 'jti: [t1]', expected: true },
    { name: 'by subject of any issuer', file: 'subjects: [{id: alice}]', expected: true },
    { name: 'by subject of its issuer', file: 'subjects: [{issuer: "https://a", id: alice}]', expected: true },
    { name: 'not by subject of another issuer', file: 'subjects: [{issuer: "https://b", id: alice}]', expected: false },
    { name: 'not by another subject', file: 'subjects: [{id: alic}]', expected: false },
    { name: 'by age', file: 'issued_before: [{time: 2026-11-22T12:00:01Z}]', expected: true },
    { name: 'not by its own second', file: 'issued_before: [{time: 2026-11-22T12:00:00Z}]', expected: false },
    {
      name: 'by the age of its issuer',
      file: 'issued_before: [{issuer: "https://a", time: 2026-11-22T13:00:01+01:00}]',
      expected: true,
    },
    {
      name: 'not by the age of another issuer',
      file: 'issued_before: [{issuer: "https://b", time: 2026-11-22T12:00:01Z}]',
      expected: false,
    },
    {
      name: 'by the later of two ages',
      file: 'issued_before: [{time: 2026-11-22T12:00:01Z}, {time: 2020-01-01T00:00:00Z}]',
      expected: true,
    },
  ])('$name', async ({ file, expected }) => {
    const { revocations } = await revocationsOf(file)
    expect(await revocations.isRevoked(token)).toBe(expected)
  })

  test('without iat is older than any time', async () => {
    const { revocations } = await revocationsOf('issued_before: [{time: 2020-01-01T00:00:00Z}]')
    expect(await revocations.isRevoked({ iss: 'https://a', sub: 'alice' })).toBe(true)
  })

  test('is found in JSON too', async () => {
    const { revocations } = await revocationsOf('{"jti":["t1"]}', 'json')
    expect(await revocations.isRevoked(token)).toBe(true)
  })
})

describe('at the start', () => {
  test.each<{ name: string; file: string; extension?: string; error: string }>([
    {
      name: 'an unknown key',
      file: 'jtis: [t1]',
      error: '/jtis: schema is false; write jti, subjects and issued_before as lists',
    },
    {
      name: 'a wrong type',
      file: 'jti: t1',
      error: '/jti: must be array; write jti, subjects and issued_before as lists',
    },
    { name: 'a key twice', file: 'jti: []\njti: [t1]', error: ' is not valid YAML' },
    { name: 'broken YAML', file: 'jti: [', error: ' is not valid YAML' },
    { name: 'broken JSON', file: '{', extension: 'json', error: ' is not valid JSON' },
    {
      name: 'a day that does not exist',
      file: 'issued_before: [{time: 2026-13-01T00:00:00Z}]',
      error: ': issued_before: 2026-13-01T00:00:00Z is no time; write 2026-01-31T12:00:00Z',
    },
  ])('$name is an error', async ({ file, extension, error }) => {
    const { path, created } = await setUp(file, extension)
    expect(created).toEqual({ ok: false, error: `${path}${error}` })
  })

  test('a missing file is an error', async () => {
    const path = join(folder, 'absent.yaml')
    expect(await createRevocations({ path, now: () => 0 })).toEqual({
      ok: false,
      error: `${path} cannot be read (ENOENT)`,
    })
  })
})

describe('a file that changes', () => {
  test('is read again, not more than once a second', async () => {
    const { path, clock, revocations } = await revocationsOf('jti: [t2]')
    await writeFile(path, 'jti: [t1, t3]')
    clock.now = 999
    expect(await revocations.isRevoked(token)).toBe(false)
    clock.now = 1000
    expect(await revocations.isRevoked(token)).toBe(true)
    expect(revocations.health()).toEqual({ ready: true, entries: 2, error: null })
  })

  test('B-049 that cannot be read leaves nobody in after an hour, until it can be again', async () => {
    const { path, clock, revocations } = await revocationsOf('jti: [other]')
    await unlink(path)
    clock.now = 3_599_999
    expect(await revocations.isRevoked(token)).toBe(false)
    clock.now = 3_600_999
    expect(await revocations.isRevoked(token)).toBe('unknown')
    expect(revocations.health()).toEqual({ ready: false, entries: 1, error: `${path} cannot be read (ENOENT)` })
    await writeFile(path, 'jti: [t1]')
    clock.now = 3_602_000
    expect(await revocations.isRevoked(token)).toBe(true)
    expect(revocations.health()).toEqual({ ready: true, entries: 1, error: null })
  })

  test('that nobody asked about for long is no older for that', async () => {
    const { clock, revocations } = await revocationsOf('jti: [other]')
    clock.now = 36_000_000
    expect(revocations.health()).toEqual({ ready: true, entries: 1, error: null })
    expect(await revocations.isRevoked(token)).toBe(false)
  })

  test.each<{ name: string; spoil: (path: string) => Promise<void>; error: string }>([
    { name: 'B-049 is gone', spoil: unlink, error: ' cannot be read (ENOENT)' },
    { name: 'B-049 is broken', spoil: (path) => writeFile(path, 'jti: ['), error: ' is not valid YAML' },
  ])('$name: what it said stays in force, and health says so', async ({ spoil, error }) => {
    const { path, clock, revocations } = await revocationsOf('jti: [t1]')
    await spoil(path)
    clock.now = 1000
    expect(await revocations.isRevoked(token)).toBe(true)
    expect(revocations.health()).toEqual({ ready: true, entries: 1, error: `${path}${error}` })
    await writeFile(path, 'jti: [other]')
    clock.now = 2000
    expect(await revocations.isRevoked(token)).toBe(false)
    expect(revocations.health()).toEqual({ ready: true, entries: 1, error: null })
  })
})
