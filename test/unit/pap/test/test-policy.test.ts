import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { testPolicy } from '../../../../src/pap/test/test-policy.ts'
import type { TestOptions } from '../../../../src/pap/test/tester.ts'
import { capabilities, findOpa, root, writeTree } from '../../../policy/tools.ts'
import { SMALL_CASES, SMALL_POLICY } from './small-policy.ts'

let opa: string
beforeAll(async () => {
  opa = await findOpa()
})
const trees: ReturnType<typeof writeTree>[] = []
afterAll(() => {
  for (const { remove } of trees) remove()
})

async function run(files: Readonly<Record<string, string>>, more: Partial<TestOptions> = {}) {
  const tree = writeTree({
    ...Object.fromEntries(Object.entries(SMALL_POLICY).map(([file, text]) => [`policies/${file}`, text])),
    'cases/small.yaml': SMALL_CASES,
    ...files,
  })
  trees.push(tree)
  return testPolicy({
    policyDir: `${tree.dir}/policies`,
    casesDir: `${tree.dir}/cases`,
    root: tree.dir,
    opa,
    capabilities: { build: capabilities, test: `${root}scripts/policy/capabilities.test.json` },
    tools: [{ name: 'read', takesPaths: false }],
    maskRecord: (record) => record,
    minimums: { coverage: 100, catalogue: 100 },
    now: () => 0,
    ...more,
  })
}

const CASES = 'cases/small.yaml'
const rego = {
  file: 'policies/mcp/rules/area/open/open_test.rego',
  line: 5,
  name: 'mcp.rules.area.open_test.test_open',
  faults: [],
}
const passed = (line: number, name: string) => ({ file: CASES, line, name, faults: [] })

describe('a policy and its cases', () => {
  test('that agree pass, with everything covered', async () => {
    const tested = await run({})
    const uncovered = { percent: 100, uncovered: [] }
    expect(tested).toMatchObject({
      ok: true,
      value: {
        suites: [
          {
            name: 'Rego tests',
            milliseconds: 0,
            cases: [rego, { ...rego, line: 7, name: 'mcp.rules.area.open_test.test_main' }],
          },
          {
            name: 'cases',
            milliseconds: 0,
            cases: [
              passed(5, 'who reads: alice, tools/call, read'),
              passed(5, 'who reads: bob, tools/call, read'),
              { ...passed(13, 'later'), skipped: 'not yet' },
            ],
          },
          { name: 'other data', milliseconds: 0, cases: [passed(7, 'another policy')] },
          {
            name: 'opa eval',
            cases: [
              passed(5, 'who reads: alice, tools/call, read'),
              passed(5, 'who reads: bob, tools/call, read'),
              passed(7, 'another policy'),
            ],
          },
          { name: 'coverage', cases: [{ faults: [] }, { faults: [] }, { faults: [] }] },
        ],
        coverage: { lines: uncovered, rules: uncovered, catalogue: uncovered },
      },
    })
  })

  test('that disagree fail, beside those that do not; what is short is named', async () => {
    const tested = await run({
      'policies/mcp/rules/area/open/open.rego': SMALL_POLICY['mcp/rules/area/open/open.rego'].replace(
        '.id ==',
        '.id !=',
      ),
      [CASES]: SMALL_CASES.replace('subjects: [alice, bob], resources', 'subjects: [bob], resources').replace(
        '{ alice: all }',
        '{}',
      ),
    })
    const failed = (suite: number) =>
      tested.ok && tested.value.suites[suite]?.cases.map(({ name, faults }) => [name, faults])
    expect([failed(0), failed(1), failed(2), failed(4)]).toEqual([
      [
        [rego.name, ['fails']],
        ['mcp.rules.area.open_test.test_main', ['fails']],
      ],
      [
        ['who reads: bob, tools/call, read', ['effect: wanted deny, decided permit (area.open)']],
        ['later', []],
      ],
      [['another policy', ['effect: wanted permit, decided deny', 'codes: lacks area.open']]],
      [
        ['rules: 100 %, 100 % wanted', []],
        ['catalogue: 100 %, 100 % wanted', []],
      ],
    ])
  })

  test('of which some are chosen: nothing is said of coverage', async () => {
    const tested = await run({}, { filter: 'BOB' })
    expect(tested).toEqual({
      ok: true,
      value: {
        suites: [
          { name: 'Rego tests', milliseconds: 0, cases: [] },
          { name: 'cases', milliseconds: 0, cases: [passed(5, 'who reads: bob, tools/call, read')] },
          { name: 'opa eval', milliseconds: 0, cases: [passed(5, 'who reads: bob, tools/call, read')] },
        ],
        gates: [],
        milliseconds: 0,
      },
    })
  })

  const refused: readonly {
    name: string
    files: Readonly<Record<string, string>>
    more?: Partial<TestOptions>
    fault: object
  }[] = [
    {
      name: 'neither of which can be read',
      files: { [CASES]: 'cases: 1', 'policies/mcp/main/main.rego': 'package mcp.main\n\ndecision := if\n' },
      fault: { file: CASES, line: 1, message: '"cases" must be a list with at least 1 element' },
    },
    {
      name: 'whose policy does not compile',
      files: { 'policies/mcp/main/main.rego': 'package mcp.main\n\ndecision := {"a": x}\n' },
      fault: { file: 'policies/mcp/main/main.rego', line: 3, message: 'rego_unsafe_var_error: var x is unsafe' },
    },
    {
      name: 'none of which is chosen',
      files: {},
      more: { filter: 'carol' },
      fault: { message: 'no test and no case has "carol" in its file or name' },
    },
  ]
  test.each(refused)('$name cannot be tested', async ({ files, more, fault }) => {
    const tested = await run(files, more)
    expect(tested.ok ? [] : tested.error).toContainEqual(expect.objectContaining(fault))
  })
})

test('a case whose evaluation breaks fails alone', async () => {
  const breaking = `package mcp.rules.area.open

permit contains {"code": "area.open", "message": "Open"} if {
	input.subject.id == data.mcp.roles.open
	_answer == 1
}

_answer := 1

_answer := 2 if input.breaks
`
  const question = (index: number) => `
  - note: breaks ${index}
    input: { subject: { id: alice }, breaks: true, action: { name: tools/call }, resource: { type: tool, id: read, properties: {} } }
    want: { effect: permit }`
  const many = Array.from({ length: 15 }, (_, index) => question(index)).join('')
  const tested = await run({
    'policies/mcp/rules/area/open/open.rego': breaking,
    [CASES]: `cases:${many}${question(99).replace('breaks: true, ', '')}\n`,
  })
  const faults = tested.ok ? tested.value.suites[1]?.cases.map((one) => one.faults) : []
  const conflict = [expect.stringMatching(/^no decision: .*conflict/)]
  expect(faults).toEqual([...Array.from({ length: 15 }, () => conflict), []])
  expect(tested.ok && tested.value.suites[2]?.cases).toEqual([{ file: CASES, line: 47, name: 'breaks 99', faults: [] }])
})
