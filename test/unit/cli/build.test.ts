import { execFileSync } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../src/lib/digest.ts'
import { readBundle } from '../../../src/pap/bundle/read.ts'
import { policyTree } from '../../http/policy.ts'
import { createPairs } from '../pap/bundle/key-pairs.ts'
import { run } from './run.ts'

let dir: string
let policies: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-build-'))
  policies = await policyTree()
})
afterAll(() => Promise.all([dir, policies].map((folder) => rm(folder, { recursive: true }))))

const smokeOf = (effect: string): string => `
cases:
  - note: a stranger lists nothing
    subject: { type: user, id: x, properties: { issuer: https://x, home: false, tenant: "", client_id: "", roles: [], scopes: [], claims: {} } }
    action: tools/call
    resource: { type: tool, id: readFile, properties: {} }
    want: { effect: ${effect} }
`

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

  test('a clean commit names the revision, a changed tree its content', async () => {
    const repository = await policyTree()
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
        cwd: repository,
        encoding: 'utf8',
      })
    git('init', '--quiet')
    git('add', '--all')
    git('commit', '--quiet', '--no-gpg-sign', '-m', 'x')
    const head = git('rev-parse', 'HEAD')
    const out = join(dir, 'commit.tar.gz')
    const clean = await run('build', repository, '--out', out)
    await appendFile(join(repository, 'mcp/plans/data.yaml'), '\n# changed\n')
    const dirty = await run('build', repository, '--out', out)
    await rm(repository, { recursive: true })
    expect([clean.stdout, dirty.stdout].map((stdout) => /revision (.*)/.exec(stdout)?.[1])).toEqual([
      head.slice(0, 12),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ])
  })

  test('a signature, a version and smoke cases go into the bundle', async () => {
    const { es256 } = createPairs()
    const [key, smoke, out] = [join(dir, 'key.pem'), join(dir, 'smoke.yaml'), join(dir, 'signed.tar.gz')]
    await writeFile(key, es256.privatePem)
    await writeFile(smoke, smokeOf('deny'))
    const flags = ['--signing-key', key, '--signing-key-id', 'k1', '--signing-scope', 'prod', '--bundle-version', '12']
    const built = await run('build', policies, '--out', out, '--smoke', smoke, ...flags)
    expect(built).toMatchObject({ stderr: '', code: 0 })
    const verification = { keys: es256.verification, scope: 'prod' }
    expect(await readBundle(await readFile(out), { verification })).toMatchObject({
      ok: true,
      value: { version: 12, smoke: [{ note: 'a stranger lists nothing', want: { effect: 'deny' } }] },
    })
  })

  const refusals: readonly {
    name: string
    args: readonly string[]
    files?: Readonly<Record<string, string>>
    said: string
  }[] = [
    {
      name: 'a smoke case that does not hold',
      args: ['--smoke', 'smoke.yaml'],
      files: { 'smoke.yaml': smokeOf('permit') },
      said: 'smoke.json: case "a stranger lists nothing": effect: wanted permit, decided deny',
    },
    {
      name: 'no key in the file',
      args: ['--signing-key', 'empty.pem'],
      files: { 'empty.pem': '' },
      said: 'empty.pem: holds no private key that can be read',
    },
    {
      name: 'no file of that key',
      args: ['--signing-key', 'absent.pem'],
      said: 'absent.pem: cannot be read; Name a key in PEM',
    },
    {
      name: 'a name for no key',
      args: ['--signing-key-id', 'k1'],
      said: 'and there is none; Add --signing-key FILE',
    },
    { name: 'a version that is none', args: ['--bundle-version', '1.5'], said: 'Write a whole number from 0 on.' },
  ]
  test.each(refusals)('$name is exit code 2, and no bundle', async ({ args, files = {}, said }) => {
    const out = join(dir, 'refused.tar.gz')
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
    const placed = args.map((arg) => (/\.(?:pem|yaml)$/.test(arg) ? join(dir, arg) : arg))
    const { stdout, stderr, code } = await run('build', policies, '--out', out, ...placed)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(said)
    await expect(readFile(out)).rejects.toThrow('ENOENT')
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
