import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { policyBundle } from '../../http/policy.ts'
import { run } from './run.ts'

let dir: string
let bundle: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-eval-'))
  bundle = await policyBundle({})
})
afterAll(() => rm(dir, { recursive: true }))

const ask = async (...args: readonly string[]) => {
  const { stdout, stderr, code } = await run('eval', '--policies', bundle, ...args)
  return { code, stderr, decision: stdout === '' ? undefined : JSON.parse(stdout) }
}

describe('eval', () => {
  test('a permit is exit code 0', async () => {
    const { code, stderr, decision } = await ask(
      ...['--subject', 'alice', '--roles', 'readonly', '--tool', 'readFile', '--path', '/docs/a.txt'],
    )
    expect({ code, stderr, effect: decision.effect, reasons: decision.reasons }).toEqual({
      code: 0,
      stderr: '',
      effect: 'permit',
      reasons: [{ code: 'tools.role_granted', message: 'The role grants this tool' }],
    })
  })

  test.each<{ what: string; args: readonly string[]; decision: object }>([
    {
      what: 'a denial',
      args: ['--roles', 'readonly', '--tool', 'readFile', '--path', '/private/a.txt'],
      decision: { effect: 'deny', visible: true, reasons: [{ code: 'paths.outside' }] },
    },
    {
      what: 'a hidden tool',
      args: ['--roles', 'readonly', '--tool', 'writeFile', '--arguments', '{"path":"docs/a","content":""}'],
      decision: { effect: 'deny', visible: false },
    },
    {
      what: 'a missing scope',
      args: ['--roles', 'readonly', '--scopes', '', '--tool', 'readFile', '--path', 'docs/a'],
      decision: { effect: 'deny', visible: true, scopes: ['mcp:read'] },
    },
    { what: 'nobody', args: ['--tool', 'readFile', '--path', 'docs/a'], decision: { effect: 'deny', visible: false } },
    { what: 'a tool that is none', args: ['--tool', 'nothing'], decision: { effect: 'deny', visible: false } },
  ])('$what is exit code 1', async ({ args, decision }) => {
    expect(await ask('--subject', 'alice', ...args)).toMatchObject({ code: 1, stderr: '', decision })
  })

  test('wrong arguments are exit code 2, each with its place', async () => {
    const { code, stderr } = await ask('--subject', 'a', '--tool', 'readFile', '--arguments', '{"mode":1}')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'The arguments do not fit readFile:\n  /path is required\n  /mode is not an argument of this tool\n',
    })
  })

  test('a file of another form is exit code 2, each fault with its place', async () => {
    const file = join(dir, 'input.json')
    await writeFile(file, '{"subject":{"type":"user"},"action":{"name":""}}')
    const { code, stderr } = await ask(file)
    expect(code).toBe(2)
    expect(stderr).toContain(`${file} is not a policy input:\n`)
    for (const place of ['/subject ', '/action/name ']) expect(stderr).toContain(`\n  ${place}`)
  })

  test('a policy that is none is exit code 2', async () => {
    const { code, stderr } = await run('eval', '--policies', dir, '--subject', 'a', '--tool', 'readFile', '--path', 'a')
    expect(code).toBe(2)
    expect(stderr).toContain(`${dir} cannot be used:\n  `)
  })
})
