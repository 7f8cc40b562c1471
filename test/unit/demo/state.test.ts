import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { demoStateDir, openStateDir } from '../../../src/demo/state.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-state-'))
afterAll(() => rm(folder, { recursive: true }))

test.each<{ name: string; env: Record<string, string>; expected: string }>([
  { name: 'XDG_STATE_HOME', env: { XDG_STATE_HOME: '/state' }, expected: '/state/portcullis' },
  { name: 'no XDG_STATE_HOME', env: {}, expected: '/home/a/.local/state/portcullis' },
  { name: 'an empty one', env: { XDG_STATE_HOME: '' }, expected: '/home/a/.local/state/portcullis' },
  { name: 'a relative one', env: { XDG_STATE_HOME: 'state' }, expected: '/home/a/.local/state/portcullis' },
])('the place by $name', ({ env, expected }) => {
  expect(demoStateDir(env, '/home/a')).toBe(expected)
})

test('the folder is made for this user alone, and found again', async () => {
  const dir = join(folder, 'deep/er/portcullis')
  expect([await openStateDir(dir), await openStateDir(dir)]).toEqual([
    { ok: true, value: dir },
    { ok: true, value: dir },
  ])
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
})

test('a folder that is open to others is refused', async () => {
  const dir = join(folder, 'open')
  await openStateDir(dir)
  await chmod(dir, 0o750)
  expect(await openStateDir(dir)).toEqual({ ok: false, error: `${dir} is open to other users; run: chmod 700 ${dir}` })
})

test('a file in its place is refused', async () => {
  const dir = join(folder, 'file')
  await writeFile(dir, '')
  expect(await openStateDir(dir)).toEqual({
    ok: false,
    error: `${dir} cannot be made (EEXIST); set XDG_STATE_HOME to a folder that you may write`,
  })
})
