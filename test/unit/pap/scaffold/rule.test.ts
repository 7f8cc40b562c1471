import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { VOCABULARY } from '../../../../src/app/inquiry/vocabulary.ts'
import {
  findRegal,
  LINT_SETTINGS,
  PACKAGE_ROOT,
  POLICY_SCHEMAS,
  TEST_CAPABILITIES,
} from '../../../../src/cli/package.ts'
import { checkPolicy } from '../../../../src/pap/check/check.ts'
import { KINDS } from '../../../../src/pap/rego/kinds.ts'
import { createRule, readRuleName } from '../../../../src/pap/scaffold/rule.ts'
import { lineCoverage } from '../../../../src/pap/test/line-coverage.ts'
import { testRego } from '../../../../src/pap/test/rego.ts'
import { policyTree } from '../../../http/policy.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

let policyDir: string
const removals: (() => void)[] = []
beforeAll(async () => {
  policyDir = await policyTree()
})
afterAll(async () => {
  for (const remove of removals) remove()
})

const nameOf = (kind: string) => ({ area: 'a'.repeat(30), name: `${kind}_${'x'.repeat(29 - kind.length)}` })

describe('a new rule', () => {
  test('of each kind, with names of any length, passes check, lint and its own tests in full', async () => {
    const written = await Promise.all(KINDS.map((kind) => createRule(policyDir, nameOf(kind), kind)))
    expect(written).toEqual(
      KINDS.map((kind) => {
        const { area, name } = nameOf(kind)
        const folder = `mcp/rules/${area}/${name}`
        return { ok: true, value: [`${folder}/${name}.rego`, `${folder}/${name}_test.rego`] }
      }),
    )
    const opa = await findOpa()
    const place = { policyDir, opa, capabilities: TEST_CAPABILITIES }
    const lint = { regal: await findRegal(), config: LINT_SETTINGS, folder: PACKAGE_ROOT }
    const [found, tests, lines] = await Promise.all([
      checkPolicy({ ...place, schemas: POLICY_SCHEMAS, vocabulary: VOCABULARY, lint }),
      testRego(place),
      lineCoverage(place),
    ])
    const isOurs = ({ file = '' }: { file?: string }) => file.startsWith(`mcp/rules/${'a'.repeat(30)}`)
    expect(found.ok && found.value.filter(isOurs)).toEqual([])
    expect(tests.filter(({ faults }) => faults.length > 0)).toEqual([])
    expect({ percent: lines?.percent, uncovered: lines?.uncovered }).toEqual({ percent: 100, uncovered: [] })
    expect((await readdir(policyDir)).toSorted()).toEqual(['.manifest', 'mcp'])
  }, 60_000)

  test('that is there already is refused and stays as it is', async () => {
    const file = join(policyDir, 'mcp/rules/paths/never/never.rego')
    const before = await readFile(file, 'utf8')
    expect(await createRule(policyDir, { area: 'paths', name: 'never' }, 'deny')).toEqual({
      ok: false,
      error: [{ file: 'mcp/rules/paths/never', message: 'is there already', remedy: 'Choose another name' }],
    })
    expect(await readFile(file, 'utf8')).toBe(before)
  })

  test('of which two are begun at once is written once', async () => {
    const rule = { area: 'races', name: 'one' }
    const both = await Promise.all([createRule(policyDir, rule, 'deny'), createRule(policyDir, rule, 'permit')])
    expect(both.filter(({ ok }) => ok).length).toBe(1)
    expect(await readdir(join(policyDir, 'mcp/rules/races'))).toEqual(['one'])
    expect((await readdir(join(policyDir, 'mcp/rules/races/one'))).toSorted()).toEqual(['one.rego', 'one_test.rego'])
  })

  test('is not written into what is no policy tree', async () => {
    const tree = writeTree({ 'mcp/main/main.rego': 'package mcp.main\n' })
    removals.push(tree.remove)
    const remedy = 'Name the root of a policy tree by --policies; `portcullis init` writes one'
    expect(await createRule(tree.dir, { area: 'a', name: 'b' }, 'deny')).toEqual({
      ok: false,
      error: ['mcp/lib/result/result.rego', 'mcp/lib/fixtures/fixtures_test.rego'].map((file) => ({
        file,
        message: 'is missing',
        remedy,
      })),
    })
    expect(await readdir(tree.dir)).toEqual(['mcp'])
  })
})

describe('names', () => {
  test.each(['paths/office_hours', 'a/b', 'a1/b_2'])('%s', (text) => {
    const [area, name] = text.split('/')
    expect(readRuleName(text)).toEqual({ ok: true, value: { area, name } })
  })

  test.each([
    '',
    'paths',
    'paths/',
    '/never',
    'a/b/c',
    '../b',
    'a/..',
    'A/b',
    'a/b-c',
    'a/1b',
    'a/not',
    'import/b',
    'a/b_test',
    'a/b c',
    `a/${'b'.repeat(31)}`,
  ])('%j is none', (text) => {
    expect(readRuleName(text).ok).toBe(false)
  })
})
