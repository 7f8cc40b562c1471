import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createRepository } from '../../../../src/pap/scaffold/repository.ts'
import { root } from '../../../policy/tools.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-init-'))
})
afterAll(() => rm(folder, { recursive: true }))

const begin = (dir: string, more = {}) =>
  createRepository({
    dir,
    policies: join(root, 'policies'),
    caseSchema: join(root, 'test/policy/case.schema.json'),
    version: '1.2.3',
    ...more,
  })

const WRITTEN = [
  '.github',
  '.gitignore',
  '.gitlab-ci.yml',
  '.pre-commit-config.yaml',
  'README.md',
  'case.schema.json',
  'cases',
  'policies',
]

describe('a new repository', () => {
  test('has the whole default policy, cases and pipelines, and is open to those who work on it', async () => {
    const dir = join(folder, 'deep/inside/new')
    expect(await begin(dir)).toEqual({ ok: true, value: dir })
    expect((await readdir(dir)).toSorted()).toEqual(WRITTEN)
    const ours = await readdir(join(root, 'policies'), { recursive: true })
    expect((await readdir(join(dir, 'policies'), { recursive: true })).toSorted()).toEqual(ours.toSorted())
    expect((await stat(dir)).mode & 0o555 & ~process.umask()).toBe(0o555 & ~process.umask())
  })

  test('names the schema of its cases and the version that its pipelines run', async () => {
    const dir = join(folder, 'pipelines')
    await begin(dir)
    const text = (path: string) => readFile(join(dir, path), 'utf8')
    expect((await text('cases/roles.yaml')).split('\n')[0]).toBe('# yaml-language-server: $schema=../case.schema.json')
    const used = await Promise.all(
      ['.github/workflows/policy.yml', '.gitlab-ci.yml', '.pre-commit-config.yaml'].map(async (path) =>
        parse(await text(path)),
      ),
    )
    expect(used.map((pipeline) => JSON.stringify(pipeline).match(/v1\.2\.3/g)?.length)).toEqual([1, 2, 1])
  })

  test('uses what there is to be used', async () => {
    const dir = join(folder, 'uses')
    await begin(dir)
    const read = async (path: string) => parse(await readFile(path, 'utf8'))
    const [workflow, action, include, config, hooks] = await Promise.all([
      read(join(dir, '.github/workflows/policy.yml')),
      read(join(root, 'scripts/action/action.yml')),
      read(join(dir, '.gitlab-ci.yml')),
      read(join(dir, '.pre-commit-config.yaml')),
      read(join(root, '.pre-commit-hooks.yaml')),
    ])
    const step = workflow.jobs.policy.steps.find(({ id }: { id?: string }) => id === 'policy')
    expect(step.uses).toBe('OWNER/portcullis/scripts/action@v1.2.3')
    expect(Object.keys(action.outputs)).toContain('sarif')
    await expect(stat(join(root, include.include[0].file))).resolves.toBeDefined()
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id)
    expect(ids(config.repos[0].hooks)).toEqual(ids(hooks))
  })

  test('may take the place of an empty folder, which stays the same one', async () => {
    const dir = join(folder, 'empty')
    await mkdir(dir)
    const { ino } = await stat(dir)
    expect(await begin(dir)).toEqual({ ok: true, value: dir })
    expect((await stat(dir)).ino).toBe(ino)
    expect((await readdir(dir)).toSorted()).toEqual(WRITTEN)
  })

  test('is not written where something is', async () => {
    const dir = join(folder, 'full')
    const file = join(folder, 'file')
    await mkdir(dir)
    await Promise.all([writeFile(join(dir, 'mine'), ''), writeFile(file, '')])
    const remedy = 'Name a folder that is empty or not there'
    expect([await begin(dir), await begin(file)]).toEqual([
      { ok: false, error: [{ message: `${dir} is not empty`, remedy }] },
      { ok: false, error: [{ message: `${file} is no folder`, remedy }] },
    ])
    expect(await readdir(dir)).toEqual(['mine'])
  })

  test('that fails half way leaves nothing', async () => {
    const dir = join(folder, 'fails')
    await expect(begin(dir, { caseSchema: join(folder, 'no-such-schema') })).rejects.toThrow('ENOENT')
    expect((await readdir(folder)).filter((name) => name.includes('fails'))).toEqual([])
  })
})
