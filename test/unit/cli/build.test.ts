import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/lib/digest.ts'
import { policyTree } from '../../http/policy.ts'
import { run } from './run.ts'

let dir: string
let policies: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-build-'))
  policies = await policyTree()
})
afterAll(() => Promise.all([dir, policies].map((folder) => rm(folder, { recursive: true }))))

describe('build', () => {
  test('twice gives the same bytes, and says which they are', async () => {
    const [one, two] = [join(dir, 'one.tar.gz'), join(dir, 'two.tar.gz')]
    const built = await run('build', policies, '--out', one)
    const again = await run('build', policies, '--out', two)
    const bytes = await readFile(one)
    expect(await readFile(two)).toEqual(bytes)
    const [file, revision, digest] = built.stdout.split('\n')
    expect({ file, digest, code: built.code, stderr: built.stderr }).toEqual({
      file: one,
      digest: `sha256 ${sha256(bytes)}`,
      code: 0,
      stderr: '',
    })
    expect(revision).toMatch(/^revision [0-9a-f]{16}$/)
    expect(again.stdout.split('\n').slice(1)).toEqual(built.stdout.split('\n').slice(1))
  })

  test('a revision can be named', async () => {
    const { stdout } = await run('build', policies, '--out', join(dir, 'named.tar.gz'), '--revision', 'v7')
    expect(stdout).toContain('\nrevision v7\n')
  })

  test('a broken policy is exit code 2, with file, line and remedy, and no bundle', async () => {
    const broken = await policyTree({
      'mcp/rules/tests/broken/broken.rego': 'package mcp.rules.tests.broken\n\ndeny if\n',
    })
    const out = join(dir, 'broken.tar.gz')
    const { stdout, stderr, code } = await run('build', broken, '--out', out)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(`${broken} cannot be built:\n  mcp/rules/tests/broken/broken.rego:`)
    await expect(readFile(out)).rejects.toThrow('ENOENT')
    await rm(broken, { recursive: true })
  })

  test('what would be ignored in silence is refused', async () => {
    const stray = await policyTree()
    await writeFile(join(stray, 'mcp/rules/data.yaml'), 'permit: [x]\n')
    const { stderr, code } = await run('build', stray, '--out', join(dir, 'stray.tar.gz'))
    expect(code).toBe(2)
    expect(stderr).toContain('mcp/rules/data.yaml')
    await rm(stray, { recursive: true })
  })

  test('a folder that is not there is exit code 2', async () => {
    const { stderr, code } = await run('build', join(dir, 'nowhere'))
    expect({ stderr, code }).toEqual({
      stderr: `${join(dir, 'nowhere')} cannot be built:\n  there is no such policy folder; Name the root of a policy tree\n`,
      code: 2,
    })
  })
})
