import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { replaceFile } from '../../../src/lib/replace-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-replace-'))
})
afterEach(() => rm(folder, { recursive: true }))

const HOW = { mode: 0o600, id: 'draft' }

test('a file is replaced, with the mode asked for and nothing beside it', async () => {
  const file = join(folder, 'a')
  await writeFile(file, 'before', { mode: 0o644 })
  await replaceFile(file, 'after', HOW)
  expect(await readFile(file, 'utf8')).toBe('after')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['a'])
})

test('what cannot be replaced stays as it is, and no draft with it', async () => {
  const file = join(folder, 'a')
  await mkdir(file)
  await writeFile(join(file, 'inside'), 'kept')
  await expect(replaceFile(file, 'after', HOW)).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['a'])
  expect(await readFile(join(file, 'inside'), 'utf8')).toBe('kept')
})
