import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { policyTree } from '../../http/policy.ts'
import { run } from './run.ts'

let policies: string
beforeAll(async () => {
  policies = await policyTree()
})
afterAll(() => rm(policies, { recursive: true }))

describe('new rule', () => {
  test('says which files it wrote', async () => {
    const folder = `${policies}/mcp/rules/paths/office_hours`
    expect(await run('new', 'rule', 'paths/office_hours', '--policies', policies)).toEqual({
      stdout: `${folder}/office_hours.rego\n${folder}/office_hours_test.rego\n`,
      stderr: '',
      code: 0,
    })
    expect(await readFile(join(folder, 'office_hours.rego'), 'utf8')).toContain('\ndeny_call contains _reason if')
  })

  test('of another kind', async () => {
    const { code } = await run('new', 'rule', 'limits/hourly', '--kind', 'limit', '--policies', policies)
    expect(code).toBe(0)
    const text = await readFile(join(policies, 'mcp/rules/limits/hourly/hourly.rego'), 'utf8')
    expect(text).toContain('\nlimit contains {\n')
  })

  test('refuses a name that is taken', async () => {
    expect(await run('new', 'rule', 'paths/never', '--policies', policies)).toEqual({
      stdout: '',
      stderr: 'paths/never cannot be written:\n  mcp/rules/paths/never: is there already; Choose another name\n',
      code: 2,
    })
  })

  test.each([
    { args: ['paths/../../x'], says: 'Write <area>/<name>' },
    {
      args: ['paths/x', '--kind', 'forbid'],
      says: 'Allowed choices are permit, deny, deny_call, scope, limit, oblige.',
    },
    { args: [], says: "missing required argument 'area/name'" },
  ])('$args is exit code 2', async ({ args, says }) => {
    const { stdout, stderr, code } = await run('new', 'rule', ...args, '--policies', policies)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(says)
  })
})
