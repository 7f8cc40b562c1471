import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { watchFile } from '../../../src/lib/watched-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-watched-'))
afterAll(() => rm(folder, { recursive: true }))

function watching(name: string) {
  const path = join(folder, name)
  const clock = { now: 0 }
  return { path, clock, read: watchFile({ path, maxBytes: 10, now: () => clock.now }) }
}

test('the same content is the same object, and readers at one time share a look', async () => {
  const { path, clock, read } = watching('same')
  await writeFile(path, 'one')
  const [first, second] = await Promise.all([read(), read()])
  clock.now = 1000
  const third = await read()
  expect([second === first, third === first, first]).toEqual([true, true, { ok: true, value: { text: 'one' } }])
})

test('a change is seen at the next look, also one of equal length', async () => {
  const { path, clock, read } = watching('changed')
  await writeFile(path, 'one')
  await read()
  await writeFile(path, 'two')
  const texts = [await read()]
  clock.now = 1000
  texts.push(await read())
  expect(texts).toEqual([
    { ok: true, value: { text: 'one' } },
    { ok: true, value: { text: 'two' } },
  ])
})

test('a clock set back does not stop the looks', async () => {
  const { path, clock, read } = watching('back')
  await writeFile(path, 'one')
  clock.now = 10_000
  await read()
  await writeFile(path, 'two')
  clock.now = 5000
  expect(await read()).toEqual({ ok: true, value: { text: 'two' } })
})

test.each<{ name: string; make: (path: string) => unknown; error: string }>([
  { name: 'absent', make: () => undefined, error: 'cannot be read (ENOENT)' },
  { name: 'a folder', make: (path) => mkdir(path), error: 'is not a regular file' },
  { name: 'a FIFO', make: (path) => execFileSync('mkfifo', [path]), error: 'is not a regular file' },
  { name: 'too large', make: (path) => writeFile(path, 'x'.repeat(11)), error: 'is larger than 10 bytes' },
])('a file that is $name', async ({ name, make, error }) => {
  const { path, read } = watching(name)
  await make(path)
  expect(await read()).toEqual({ ok: false, error: `${path} ${error}` })
})
