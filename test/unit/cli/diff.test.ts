import { execFileSync } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { CHANGE_KINDS } from '../../../src/pap/diff/change.ts'
import { writeTree } from '../../policy/tools.ts'
import { run } from './run.ts'

// Two policies are compiled for each comparison.
jest.setTimeout(60_000)

const policyFor = (role: string) => ({
  '.manifest': '{"roots":["mcp"],"rego_version":1}',
  'mcp/main/main.rego': `package mcp.main

decision := {
	"effect": "permit",
	"visible": true,
	"reasons": [{"code": "role", "message": "The role may"}],
	"scopes": [],
	"limits": [],
	"obligations": [],
} if {
	input.resource.id == "readFile"
	"${role}" in input.subject.properties.roles
} else := {
	"effect": "deny",
	"visible": true,
	"reasons": [{"code": "nobody", "message": "Nobody may"}],
	"scopes": [],
	"limits": [],
	"obligations": [],
}
`,
})

let repository: ReturnType<typeof writeTree>
let base: ReturnType<typeof writeTree>
let head: string
const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', repository.dir, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { stdio: 'pipe' })

beforeAll(async () => {
  base = writeTree(policyFor('a'))
  repository = writeTree({})
  git('init', '--quiet', '--initial-branch=main')
  head = join(repository.dir, 'rules')
  await cp(base.dir, head, { recursive: true })
  git('add', '-A')
  git('commit', '--quiet', '-m', 'base')
  const changed = writeTree(policyFor('b'))
  await cp(changed.dir, head, { recursive: true })
  changed.remove()
})
afterAll(() => {
  base.remove()
  repository.remove()
})

const diff = (...args: readonly string[]) => run('diff', '--jobs', '1', ...args)
const EXAMPLE = 'user alice, role b, no scope: tools/call readFile /elsewhere/a.txt'

describe('diff', () => {
  test('says what is newly allowed and denied, with an example each, and is exit code 1', async () => {
    const { stdout, stderr, code } = await diff(base.dir, head)
    expect({ stderr, code }).toEqual({ stderr: '', code: 1 })
    const [headline, ...blocks] = stdout.trimEnd().split('\n\n')
    expect(headline).toMatch(/^[0-9a-f]{16} → [0-9a-f]{16}: \d+ questions asked, \d+ answered otherwise$/)
    expect(blocks.map((block) => block.replaceAll(/\d+ /g, '# ').replaceAll(/of \d+/g, 'of #'))).toEqual([
      `newly-allowed  # questions  FAIL\n  b: readFile\n    why      nobody → role\n    example  ${EXAMPLE}  (# of #)`,
      `newly-denied  # questions\n  a: readFile\n    why      role → nobody\n    example  ${EXAMPLE.replace('role b', 'role a')}  (# of #)`,
      '# questions enumerated, # of them different for these policies; not asked: combinations of three and more roles, but for all together.\nFailed: newly-allowed.',
    ])
  })

  test.each<{ what: string; args: readonly string[]; code: number }>([
    { what: 'a class that did not change', args: ['--fail-on', 'limits-loosened,newly-hidden'], code: 0 },
    { what: 'one class of several', args: ['--fail-on', 'limits-loosened,newly-denied'], code: 1 },
    { what: 'nothing at all', args: ['--fail-on', 'none'], code: 0 },
    { what: 'a class that is none', args: ['--fail-on', 'newly-alowed'], code: 2 },
  ])('to fail on $what is exit code $code', async ({ args, code }) => {
    expect((await diff(base.dir, head, ...args)).code).toBe(code)
  })

  test('a revision without a path is the same folder in that revision, and the working tree stays as it is', async () => {
    const before = git('status', '--porcelain').toString()
    const { stdout, code } = await diff('main', head, '--format', 'json')
    const { byKind, failed } = JSON.parse(stdout)
    expect({ kinds: Object.keys(byKind), failed, code }).toEqual({
      kinds: ['newly-allowed', 'newly-denied'],
      failed: ['newly-allowed'],
      code: 1,
    })
    expect(git('status', '--porcelain').toString()).toBe(before)
  })

  test('a folder is like itself', async () => {
    const { stdout, code } = await diff(head, head)
    expect(code).toBe(0)
    expect(stdout).toMatch(/: \d+ questions asked, all answered alike\n/)
  })

  test('as Markdown: a table', async () => {
    const { stdout } = await diff(base.dir, head, '--format', 'markdown')
    const rows = stdout.split('\n').filter((line) => line.startsWith('|'))
    expect(rows.map((row) => row.replace(/\d+ \|$/, '# |'))).toEqual([
      '| Change | Roles | What | Why | Example | Questions |',
      '| --- | --- | --- | --- | --- | --- |',
      `| **newly-allowed** ❌ | \`b\` | \`readFile\` | \`nobody → role\` | \`${EXAMPLE}\` | # |`,
      `| newly-denied | \`a\` | \`readFile\` | \`role → nobody\` | \`${EXAMPLE.replace('role b', 'role a')}\` | # |`,
    ])
  })

  test('as annotations of GitHub', async () => {
    const { stdout } = await diff(base.dir, head, '--format', 'github')
    expect(stdout).toBe(
      `::error title=newly-allowed::b: readFile (nobody → role); for example ${EXAMPLE}\n` +
        `::warning title=newly-denied::a: readFile (role → nobody); for example ${EXAMPLE.replace('role b', 'role a')}\n`,
    )
  })

  test('as JUnit: one case for each class', async () => {
    const { stdout } = await diff(base.dir, head, '--format', 'junit')
    expect(stdout.match(/<testcase /g)).toHaveLength(CHANGE_KINDS.length)
    expect(stdout.match(/<failure message="[^"]*"/g)).toEqual([
      `<failure message="b: readFile (nobody → role); ${EXAMPLE}"`,
    ])
  })

  test.each<{ what: string; args: () => readonly string[]; message: string }>([
    {
      what: 'a revision that is none',
      args: () => ['no-such-branch', head],
      message: 'there is no folder, bundle or git revision "no-such-branch"',
    },
    { what: 'a bundle that is away', args: () => ['no.tar.gz', head], message: 'there is no such bundle' },
    {
      what: 'a log that is away',
      args: () => [head, head, '--log', '/no/log'],
      message: '/no/log: there is no such file',
    },
  ])('$what is exit code 2', async ({ args, message }) => {
    const { stdout, stderr, code } = await diff(...args())
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(message)
  })
})
