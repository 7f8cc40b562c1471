import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../src/lib/digest.ts'
import { ok } from '../../../../src/lib/result.ts'
import { createKeptBundles, KEPT_NOWHERE, type KeptState } from '../../../../src/pap/activation/kept.ts'

let parent: string
let folder: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'portcullis-kept-'))
  folder = join(parent, 'policy')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]
const identity = (bytes: Buffer) => ({ revision: 'r', sha256: sha256(bytes) })
const state = (active: Buffer): KeptState => ({
  source: '/policies',
  active: { ...identity(active), activated_at: '2026-11-22T15:44:30.000Z' },
  rejected: [],
  confirmed_at: '2026-11-22T15:44:30.000Z',
})
const names = (...bundles: readonly Buffer[]) =>
  [...bundles.map((bytes) => `${sha256(bytes)}.tar.gz`), 'rollout.json'].sort()

test('keeps the state and its bundles, for the server alone, and lets go of the others', async () => {
  const kept = createKeptBundles(folder)
  expect(await kept.state()).toEqual(ok(undefined))
  expect(await kept.keep(state(ONE), [ONE])).toEqual(ok(undefined))
  expect(await kept.keep(state(TWO), [TWO, ONE])).toEqual(ok(undefined))
  expect(await kept.keep(state(THREE), [THREE, TWO])).toEqual(ok(undefined))
  expect((await readdir(folder)).sort()).toEqual(names(THREE, TWO))
  const modes = await Promise.all(
    [folder, ...names(THREE, TWO).map((name) => join(folder, name))].map((path) => stat(path)),
  )
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600', '600'])
  const again = createKeptBundles(folder)
  expect(await again.state()).toEqual(ok(state(THREE)))
  expect(await again.bundle(sha256(TWO))).toEqual(ok(TWO))
})

test('takes away what a crash left of a write, and nothing of anybody else', async () => {
  const kept = createKeptBundles(folder)
  await kept.keep(state(ONE), [ONE])
  const half = `${sha256(TWO)}.tar.gz.3b241101-e2bb-4255-8caf-4136c566a962`
  await writeFile(join(folder, half), 'tw')
  await writeFile(join(folder, 'notes.txt'), 'mine')
  await kept.keep(state(ONE), [ONE])
  expect((await readdir(folder)).sort()).toEqual([...names(ONE), 'notes.txt'].sort())
})

describe('what is damaged is no state', () => {
  test.each(['', '{', '[]', '{"source":"x"}', JSON.stringify({ ...state(ONE), floor: 'high' })])('%s', async (text) => {
    const kept = createKeptBundles(folder)
    await kept.keep(state(ONE), [ONE])
    await writeFile(join(folder, 'rollout.json'), text)
    expect(await kept.state()).toEqual({
      ok: false,
      error: {
        file: join(folder, 'rollout.json'),
        message: 'is damaged: which versions were in force cannot be known',
        remedy: 'Restore it, or remove it to begin anew with what the source offers',
      },
    })
  })

  test('a bundle with other bytes is none, nor is one that is gone', async () => {
    const kept = createKeptBundles(folder)
    await kept.keep(state(ONE), [ONE])
    const file = join(folder, `${sha256(ONE)}.tar.gz`)
    await writeFile(file, 'on')
    const fault = (message: string) => ({
      ok: false,
      error: { file, message, remedy: 'Make the policy source reachable' },
    })
    expect(await kept.bundle(sha256(ONE))).toEqual(fault('is not what was kept'))
    await rm(file)
    expect(await kept.bundle(sha256(ONE))).toEqual(fault('is not there'))
  })
})

test('what cannot be written is a fault, and what was kept stays', async () => {
  const kept = createKeptBundles(folder)
  await kept.keep(state(ONE), [ONE])
  await rm(join(folder, `${sha256(ONE)}.tar.gz`))
  // a folder where the state would be written: no rights are needed to be refused
  await rm(join(folder, 'rollout.json'))
  await createKeptBundles(join(folder, 'rollout.json')).keep(state(TWO), [TWO])
  expect(await kept.keep(state(ONE), [ONE])).toEqual({
    ok: false,
    error: {
      file: folder,
      message: expect.stringContaining('what is in force cannot be kept: E'),
      remedy: 'Let the server write there: a restart without its source would fail',
    },
  })
  expect(await readFile(join(folder, `${sha256(ONE)}.tar.gz`), 'utf8')).toBe('one')
})

test('nowhere keeps nothing', async () => {
  expect(await KEPT_NOWHERE.keep(state(ONE), [ONE])).toEqual(ok(undefined))
  expect(await KEPT_NOWHERE.state()).toEqual(ok(undefined))
  expect(await KEPT_NOWHERE.bundle(sha256(ONE))).toMatchObject({ ok: false })
})
