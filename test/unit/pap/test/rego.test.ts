import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { lineCoverage } from '../../../../src/pap/test/line-coverage.ts'
import { testRego } from '../../../../src/pap/test/rego.ts'
import { findOpa, root, writeTree } from '../../../policy/tools.ts'

const GOOD = 'package mcp.a\n\nbig if input.n > 1\n\nsmall if input.n < 1\n'
const TESTS = `package mcp.a_test

import data.mcp.a

test_big if a.big with input as {"n": 2}

test_each[note] if {
	some note, n in {"right": 2, "wrong": 0}
	a.big with input as {"n": n}
}
`
const capabilities = `${root}scripts/policy/capabilities.test.json`

let opa: string
const removals: (() => void)[] = []
const placeOf = (files: Readonly<Record<string, string>>) => {
  const tree = writeTree(files)
  removals.push(tree.remove)
  return { policyDir: tree.dir, opa, capabilities }
}

beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

describe('Rego tests', () => {
  test('are counted case by case, each with its place', async () => {
    expect(await testRego(placeOf({ 'a.rego': GOOD, 'a_test.rego': TESTS }))).toEqual([
      { file: 'a_test.rego', line: 5, name: 'mcp.a_test.test_big', faults: [] },
      { file: 'a_test.rego', line: 7, name: 'mcp.a_test.test_each: right', faults: [] },
      { file: 'a_test.rego', line: 7, name: 'mcp.a_test.test_each: wrong', faults: ['fails'] },
    ])
  })

  const rows: readonly { name: string; tests: string; faults: readonly string[] }[] = [
    { name: 'that break', tests: 'test_it if 1 / (input.n - input.n) == data.mcp.none', faults: ['fails'] },
    {
      name: 'that are to be done',
      tests: 'todo_test_it if data.mcp.a.big',
      faults: ['is skipped without a reason: finish or remove it'],
    },
    {
      name: 'that are none',
      tests: 'no_test if true',
      faults: ['finds no tests: add a file *_test.rego beside a rule'],
    },
  ]
  test.each(rows)('$name fail', async ({ tests, faults }) => {
    const cases = await testRego(placeOf({ 'a.rego': GOOD, 'a_test.rego': `package mcp.a_test\n\n${tests}\n` }))
    expect(cases.map((one) => one.faults)).toEqual([faults])
  })

  test('that cannot be read fail with their line', async () => {
    const broken = 'package mcp.a_test\n\ntest_it if {\n'
    expect(await testRego(placeOf({ 'a.rego': GOOD, 'a_test.rego': broken }))).toEqual([
      {
        name: 'opa test',
        file: 'a_test.rego',
        line: 4,
        faults: ['rego_parse_error: unexpected eof token; Correct the tests'],
      },
    ])
  })
})

describe('lines', () => {
  const PASSING = TESTS.replace(', "wrong": 0', '')

  test('are those of the policy, and what no test reaches is named', async () => {
    expect(await lineCoverage(placeOf({ 'a.rego': GOOD, 'a_test.rego': PASSING }))).toEqual({
      covered: 1,
      total: 2,
      percent: 50,
      uncovered: [
        {
          file: 'a.rego',
          line: 5,
          message: 'is not reached by any Rego test',
          remedy: 'Add a case that reaches it, or remove it',
        },
      ],
      files: [
        {
          file: 'a.rego',
          lines: new Map([
            [3, true],
            [5, false],
          ]),
        },
      ],
    })
  })

  test('are not counted while a test fails', async () => {
    expect(await lineCoverage(placeOf({ 'a.rego': GOOD, 'a_test.rego': TESTS }))).toBeUndefined()
  })
})
