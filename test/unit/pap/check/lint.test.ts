import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { findRegal, LINT_SETTINGS, PACKAGE_ROOT } from '../../../../src/cli/package.ts'
import { type Lint, lintFindings } from '../../../../src/pap/check/lint.ts'
import { writeTree } from '../../../policy/tools.ts'

// several processes, on a machine that may be busy
jest.setTimeout(60_000)

const MODULE = 'package mcp.a\n\n#no space\nx := 1\n'
const COMMENT = {
  check: 'regal/style/no-whitespace-comment',
  level: 'error',
  file: 'mcp/a/a.rego',
  line: 3,
  message: 'Comment should start with whitespace',
  remedy: 'See https://www.openpolicyagent.org/projects/regal/rules/style/no-whitespace-comment',
}

let lint: Lint
const removals: (() => void)[] = []
beforeAll(async () => {
  lint = { regal: await findRegal(), config: LINT_SETTINGS, folder: PACKAGE_ROOT }
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

async function said(files: Readonly<Record<string, string>>, more: Partial<Lint> = {}) {
  const tree = writeTree({ 'mcp/a/a.rego': MODULE, ...files })
  removals.push(tree.remove)
  const found = await lintFindings(tree.dir, { ...lint, ...more })
  return found.filter(({ check }) => !check.includes('missing-metadata'))
}

describe('lint', () => {
  test('names what Regal found, by file and line', async () => {
    expect(await said({})).toEqual([COMMENT])
  })

  test('takes the settings that a policy brings', async () => {
    const settings = 'rules: { style: { no-whitespace-comment: { level: warning } } }\n'
    expect(await said({ '.regal/config.yaml': settings })).toEqual([{ ...COMMENT, level: 'warning' }])
  })

  test('that cannot be done is a finding, not silence', async () => {
    const found = await said({}, { config: '/no/such/settings.yaml' })
    expect(found.map(({ check, level }) => ({ check, level }))).toEqual([{ check: 'regal', level: 'error' }])
    expect(found[0]?.message).toContain('/no/such/settings.yaml')
  })
})
