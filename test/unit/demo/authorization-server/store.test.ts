import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { MAX_OF_A_KIND, openStore } from '../../../../src/demo/authorization-server/store.ts'

type Payload = { readonly n: number; readonly grantId?: string }

const folder = await mkdtemp(join(tmpdir(), 'portcullis-store-'))
afterAll(() => rm(folder, { recursive: true }))
const newPath = async () => join(await mkdtemp(join(folder, 'state-')), 'logins.json')

async function storeAt(path: string, now = () => 0) {
  const opened = await openStore<Payload>({ path, newId: randomUUID, now })
  if (!opened.ok) throw new Error(opened.error)
  return opened.value
}

test('what is set is found again by another process, in a file for this user alone', async () => {
  const path = await newPath()
  const first = await storeAt(path)
  await Promise.all([first.set('Client', 'a', { n: 1 }), first.set('Grant', 'a', { n: 2 }, 60)])
  await first.set('Client', '__proto__', { n: 3 })
  const second = await storeAt(path)
  expect(['a', '__proto__', 'toString'].map((id) => second.get('Client', id))).toEqual([{ n: 1 }, { n: 3 }, undefined])
  expect(second.find('Grant', ({ n }) => n === 2)).toEqual({ n: 2 })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(path, '..'))).toEqual(['logins.json'])
})

test('what has expired is gone, and leaves the file', async () => {
  const path = await newPath()
  let time = 0
  const store = await storeAt(path, () => time)
  await store.set('Session', 'a', { n: 1 }, 10)
  time = 9999
  expect(store.get('Session', 'a')).toEqual({ n: 1 })
  time = 10_000
  expect([store.get('Session', 'a'), store.find('Session', () => true)]).toEqual([undefined, undefined])
  await store.set('Session', 'b', { n: 2 })
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ Session: { b: { payload: { n: 2 }, expires: null } } })
})

test('of too many the oldest go; what is set again is young', async () => {
  const store = await storeAt(await newPath())
  await Promise.all(Array.from({ length: MAX_OF_A_KIND }, (_, n) => store.set('Client', String(n), { n })))
  await store.set('Client', '0', { n: 0 })
  await store.set('Client', 'new', { n: -1 })
  expect(['0', '1', '2', 'new'].map((id) => store.get('Client', id)?.n)).toEqual([0, undefined, 2, -1])
})

test('a grant takes with it what was made from it', async () => {
  const path = await newPath()
  const store = await storeAt(path)
  await store.set('RefreshToken', 'a', { n: 1, grantId: 'g' })
  await store.set('RefreshToken', 'b', { n: 2, grantId: 'h' })
  await store.removeAll(({ grantId }) => grantId === 'g')
  await store.remove('RefreshToken', 'none')
  const again = await storeAt(path)
  expect(['a', 'b'].map((id) => again.get('RefreshToken', id)?.n)).toEqual([undefined, 2])
})

describe('a file that is refused', () => {
  test.each<{ name: string; spoil: (path: string) => Promise<void>; problem: string }>([
    { name: 'open to a group', spoil: (path) => chmod(path, 0o640), problem: 'is open to other users' },
    { name: 'not JSON', spoil: (path) => writeFile(path, '{'), problem: 'is malformed' },
    { name: 'not an object', spoil: (path) => writeFile(path, '[]'), problem: 'is malformed' },
    { name: 'kinds that are not objects', spoil: (path) => writeFile(path, '{"Client":1}'), problem: 'is malformed' },
    {
      name: 'entries without payload',
      spoil: (path) => writeFile(path, '{"Client":{"a":{}}}'),
      problem: 'is malformed',
    },
  ])('$name', async ({ spoil, problem }) => {
    const path = await newPath()
    await (await storeAt(path)).set('Client', 'a', { n: 1 })
    await spoil(path)
    expect(await openStore({ path, newId: randomUUID, now: () => 0 })).toEqual({
      ok: false,
      error: `what the authorization server of the demo remembers ${problem}; remove ${path} and start again; clients then register and log in anew`,
    })
  })
})
