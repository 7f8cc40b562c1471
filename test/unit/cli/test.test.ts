import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { writeTree } from '../../policy/tools.ts'
import { SMALL_CASES, SMALL_POLICY } from '../pap/test/small-policy.ts'
import { run } from './run.ts'

const files = {
  ...Object.fromEntries(Object.entries(SMALL_POLICY).map(([file, text]) => [`policies/${file}`, text])),
  'cases/small.yaml': SMALL_CASES,
  'failing/f.yaml': 'cases:\n  - note: bob\n    input: { subject: { id: bob } }\n    want: { effect: permit }\n',
  'broken/f.yaml': 'cases: 1\n',
}
let tree: ReturnType<typeof writeTree>
beforeAll(() => {
  tree = writeTree(files)
})
afterAll(() => tree.remove())

const runTest = (cases: string, ...args: readonly string[]) =>
  run('test', join(tree.dir, 'policies'), '--cases', join(tree.dir, cases), ...args)
const named = (file: string) => relative(process.cwd(), join(tree.dir, file))
const withoutTimes = (text: string) => text.replaceAll(/ \(\d+\.\d s\)/g, '')

describe('test', () => {
  test('says what passed, part by part, and what is skipped', async () => {
    const { stdout, stderr, code } = await runTest('cases')
    expect({ stdout: withoutTimes(stdout), stderr, code }).toEqual({
      stdout: `SKIP ${named('cases/small.yaml')}:13 later: not yet
Rego tests  2 passed, 0 failed
cases       2 passed, 0 failed, 1 skipped
other data  1 passed, 0 failed
opa eval    3 passed, 0 failed
lines       100 % covered, 6 of 6; at least 100 % wanted
rules       100 % covered, 2 of 2; at least 100 % wanted
catalogue   0 % covered, 0 of 12
${MISSING}
5 passed, 0 failed, 1 skipped
`,
      stderr: '',
      code: 0,
    })
  })

  test('says first what failed, and ends with 1', async () => {
    const { stdout, code } = await runTest('failing', '--coverage-min', '60')
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      `FAIL cases: ${named('failing/f.yaml')}:2 bob`,
      '     effect: wanted permit, decided deny',
      'FAIL coverage: rules: 50 %, 60 % wanted',
      `     ${named('policies/mcp/rules/area/open/open.rego')}:3: permit of rules.area.open fires in no case; Add a case in which it does`,
    ])
    expect([stdout.trimEnd().split('\n').at(-1), code]).toEqual(['2 passed, 2 failed', 1])
  })

  test('tells GitHub where it failed', async () => {
    const { stdout, code } = await runTest('failing', '--format', 'github', '--coverage-min', '0')
    expect({ stdout, code }).toEqual({
      stdout: `::error file=${named('failing/f.yaml')},line=2,title=cases::bob%0Aeffect: wanted permit, decided deny; Correct the rule, or what is wanted of it
2 passed, 1 failed
`,
      code: 1,
    })
  })

  test('writes JUnit', async () => {
    const { stdout, code } = await runTest('failing', '--format', 'junit', '--filter', 'bob')
    expect(stdout).toContain('<testsuites tests="2" failures="1" skipped="0">')
    expect(stdout).toContain(
      '<failure message="effect: wanted permit, decided deny">effect: wanted permit, decided deny</failure>',
    )
    expect(code).toBe(1)
  })

  test('writes JSON', async () => {
    const { stdout } = await runTest('cases', '--format', 'json', '--catalogue-min', '0')
    const { milliseconds, suites, ...rest } = JSON.parse(stdout)
    expect(rest).toMatchObject({
      passed: 5,
      failed: 0,
      skipped: 1,
      coverage: { lines: { percent: 100, least: 100, covered: 6, total: 6, uncovered: [] } },
    })
    expect(suites.map(({ name }: { name: string }) => name)).toEqual([
      'Rego tests',
      'cases',
      'other data',
      'opa eval',
      'coverage',
    ])
    expect(milliseconds).toBeGreaterThan(0)
  })

  test('writes LCOV, as a whole', async () => {
    const file = join(tree.dir, 'out/lines.lcov')
    await runTest('cases', '--lcov', file)
    expect(readFileSync(file, 'utf8')).toContain(
      `SF:${named('policies/mcp/rules/area/open/open.rego')}\nDA:3,1\nLF:1\nLH:1\nend_of_record\n`,
    )
  })

  test('ends with 2 where cases or policy cannot be read, and writes nothing', async () => {
    const file = join(tree.dir, 'out/none.lcov')
    const { stdout, stderr, code } = await runTest('broken', '--lcov', file)
    expect({ stdout, stderr, code }).toEqual({
      stdout: '',
      stderr: `${join(tree.dir, 'policies')} cannot be tested:
  ${named('broken/f.yaml')}:1: "cases" must be a list with at least 1 element; Correct the file; test/policy/case.schema.json describes its form
`,
      code: 2,
    })
    expect(existsSync(file)).toBe(false)
  })

  test.each<{ flags: readonly string[]; said: string }>([
    { flags: ['--watch', '--format', 'json'], said: '--watch writes for a person; leave --format and --lcov out\n' },
    {
      flags: ['--filter', 'a', '--lcov', 'b'],
      said: '--filter leaves lines out that --lcov would call unreached; give one of them\n',
    },
  ])('refuses $flags together', async ({ flags, said }) => {
    expect(await runTest('cases', ...flags)).toEqual({ stdout: '', stderr: said, code: 2 })
  })
})

describe('without OPA', () => {
  const before = process.env['PORTCULLIS_OPA']
  afterEach(() => {
    if (before === undefined) delete process.env['PORTCULLIS_OPA']
    else process.env['PORTCULLIS_OPA'] = before
  })

  test('it ends with 3', async () => {
    process.env['PORTCULLIS_OPA'] = join(tree.dir, 'no-such-opa')
    const { stdout, stderr, code } = await runTest('cases')
    expect({ stdout, code }).toEqual({ stdout: '', code: 3 })
    expect(stderr).toContain('no-such-opa')
  })
})

const MISSING = ['readFile', 'listFiles', 'searchFiles', 'writeFile']
  .flatMap((tool) => [
    `tool ${tool} is never permitted to anyone in a case; Add a case of a call that is permitted, or remove the tool`,
    `tool ${tool} is never denied to anyone in a case; Add a case of a subject that may not call it`,
    `tool ${tool} is never denied for its arguments in a case; Add a case of a path that is refused to a subject that may call it`,
  ])
  .map((line) => `            ${line}`)
  .join('\n')
