import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
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
  return { policyDir: tree.dir, opa }
}

beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

describe('test', () => {
  test('counts each case and names the failed', async () => {
    const tests = await testRego({ ...placeOf({ 'a.rego': GOOD, 'a_test.rego': TESTS }), capabilities })
    const remedy = 'Correct the rule or its test'
    expect([tests.passed, tests.failed]).toEqual([
      2,
      [{ file: 'a_test.rego', line: 7, message: 'data.mcp.a_test.test_each: wrong', remedy }],
    ])
  })

  test('names the lines not reached', async () => {
    const passing = TESTS.replace(', "wrong": 0', '')
    const tests = await testRego({ ...placeOf({ 'a.rego': GOOD, 'a_test.rego': passing }), capabilities })
    const remedy = 'Add a case that reaches it, or remove it'
    expect([tests.passed, tests.failed, tests.uncovered]).toEqual([
      2,
      [],
      [{ file: 'a.rego', line: 5, message: 'is not reached by any test', remedy }],
    ])
    expect(tests.coverage).toBeLessThan(100)
  })

  test('of a tree without tests fails', async () => {
    const tests = await testRego({ ...placeOf({ 'a.rego': GOOD }), capabilities })
    expect([tests.passed, tests.failed.length]).toEqual([0, 1])
  })

  test('that is skipped counts as failed', async () => {
    const skipped = 'package mcp.a_test\n\ntodo_test_it if data.mcp.a.big\n'
    const tests = await testRego({ ...placeOf({ 'a.rego': GOOD, 'a_test.rego': skipped }), capabilities })
    expect(tests).toMatchObject({ passed: 0, failed: [{ message: 'data.mcp.a_test.todo_test_it' }] })
  })
})
