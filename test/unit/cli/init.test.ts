import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { run } from './run.ts'

let folder: string
let repository: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-init-'))
  repository = join(folder, 'mine')
})
afterAll(() => rm(folder, { recursive: true }))

describe('init', () => {
  test('says where it wrote, and what to do next', async () => {
    const { stdout, stderr, code } = await run('init', repository)
    expect({ lines: stdout.split('\n').slice(0, 3), stderr, code }).toEqual({
      lines: [repository, 'Go on with:', `  cd ${repository}`],
      stderr: '',
      code: 0,
    })
  })

  test('what the system refuses is said without a stack', async () => {
    const tooLong = join(folder, 'm'.repeat(300))
    const { stdout, stderr, code } = await run('init', tooLong)
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: `The system refuses: ENAMETOOLONG: name too long, scandir '${tooLong}'. Name another place, or give access to it\n`,
      code: 3,
    })
  })

  test('what it wrote passes check', async () => {
    const { stdout, code } = await run('check', join(repository, 'policies'))
    expect({ stdout, code }).toEqual({ stdout: '0 errors, 0 warnings\n', code: 0 })
  }, 60_000)

  test('and its tests, every line and every rule covered', async () => {
    const { stdout, stderr, code } = await run(
      ...['test', join(repository, 'policies'), '--cases', join(repository, 'cases')],
    )
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^\d+ passed, 0 failed$/m)
  }, 60_000)

  test('and it can be built', async () => {
    const out = join(folder, 'bundle.tar.gz')
    const { stdout, stderr, code } = await run('build', join(repository, 'policies'), '--out', out)
    expect({ first: stdout.split('\n')[0], stderr, code }).toEqual({ first: out, stderr: '', code: 0 })
  }, 60_000)

  test('a folder with something in it is exit code 2, and stays as it is', async () => {
    const before = await readdir(repository)
    expect(await run('init', repository)).toEqual({
      stdout: '',
      stderr: `${repository} cannot be begun in:\n  ${repository} is not empty; Name a folder that is empty or not there\n`,
      code: 2,
    })
    expect(await readdir(repository)).toEqual(before)
  })
})
