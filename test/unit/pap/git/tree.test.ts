import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { checkOutTree, placeInRepository } from '../../../../src/pap/git/tree.ts'

let root: string
let first: string
const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()

async function write(path: string, text: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

const BINARY = Buffer.from([0, 10, 10, 255])

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'portcullis-git-'))
  git('init', '--quiet', '--initial-branch=main')
  await write('policies/mcp/a.rego', 'package a\n')
  await write('policies/mcp/b b/ü.bin', BINARY)
  await write('.gitattributes', '*.rego export-ignore\n*.bin text eol=crlf\n')
  git('add', '-A')
  git('commit', '--quiet', '-m', 'first')
  first = git('rev-parse', 'HEAD')
  await write('policies/mcp/a.rego', 'package changed\n')
  await symlink('/etc', join(root, 'policies/link'))
  git('add', '-A')
  git('commit', '--quiet', '-m', 'second')
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('a git revision', () => {
  test('is written byte for byte, beside the working tree', async () => {
    const before = git('status', '--porcelain')
    const tree = await checkOutTree(root, first, 'policies')
    if (!tree.ok) throw new Error(JSON.stringify(tree.error))
    const { dir, commit, remove } = tree.value
    expect(commit).toBe(first)
    expect((await readdir(dir, { recursive: true })).toSorted()).toEqual([
      'mcp',
      'mcp/a.rego',
      'mcp/b b',
      'mcp/b b/ü.bin',
    ])
    expect(await readFile(join(dir, 'mcp/a.rego'), 'utf8')).toBe('package a\n')
    expect(await readFile(join(dir, 'mcp/b b/ü.bin'))).toEqual(BINARY)
    expect(git('status', '--porcelain')).toBe(before)
    await remove()
    await expect(readdir(dir)).rejects.toThrow('ENOENT')
  })

  test.each<{ what: string; revision: string; path: string; message: string }>([
    {
      what: 'that is none',
      revision: 'no-such',
      path: 'policies',
      message: 'there is no folder, bundle or git revision "no-such"',
    },
    {
      what: 'that looks like a flag',
      revision: '--all',
      path: 'policies',
      message: 'there is no folder, bundle or git revision "--all"',
    },
    { what: 'without the folder', revision: 'main', path: 'nothing', message: 'main has no folder "nothing"' },
    { what: 'with a link', revision: 'main', path: 'policies', message: 'main: link is a link or no regular file' },
  ])('$what is refused', async ({ revision, path, message }) => {
    const tree = await checkOutTree(root, revision, path)
    expect(tree.ok ? [] : tree.error.map((fault) => fault.message)).toEqual([message])
  })

  test('the place of a folder in its repository', async () => {
    expect(await placeInRepository(join(root, 'policies/mcp'))).toEqual({ root, path: 'policies/mcp' })
    expect(await placeInRepository(root)).toEqual({ root, path: '' })
    expect(await placeInRepository(tmpdir())).toBeUndefined()
  })

  test('of a repository is not looked for in the one that a hook speaks of', async () => {
    try {
      Object.assign(process.env, { GIT_DIR: join(tmpdir(), 'no-such-repository'), GIT_INDEX_FILE: 'no-such-index' })
      expect(await placeInRepository(root)).toEqual({ root, path: '' })
      const tree = await checkOutTree(root, first, 'policies')
      expect(tree.ok && tree.value.commit).toBe(first)
      if (tree.ok) await tree.value.remove()
    } finally {
      delete process.env['GIT_DIR']
      delete process.env['GIT_INDEX_FILE']
    }
  })
})
