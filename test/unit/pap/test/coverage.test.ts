import { describe, expect, test } from '@jest/globals'
import { err, ok } from '../../../../src/lib/result.ts'
import type { Decided } from '../../../../src/model/decision.ts'
import type { Module } from '../../../../src/pap/rego/module.ts'
import type { CaseRun } from '../../../../src/pap/test/case-run.ts'
import { catalogueCoverage, withVouched } from '../../../../src/pap/test/catalogue-coverage.ts'
import { coverageSuite, gatesOf } from '../../../../src/pap/test/coverage.ts'
import { lcov } from '../../../../src/pap/test/lcov.ts'
import { measured } from '../../../../src/pap/test/measured.ts'
import { ruleCoverage } from '../../../../src/pap/test/rule-coverage.ts'

const nothing = { reasons: [], scopes: [], limits: [], obligations: [] }
const permitted: Decided = { ...nothing, effect: 'permit', visible: true }
const hidden: Decided = { ...nothing, effect: 'deny', visible: false }
const refused: Decided = { ...nothing, effect: 'deny', visible: true }
const unscoped: Decided = { ...nothing, effect: 'deny', visible: true, scopes: ['s'] }
const none: Decided = { effect: 'indeterminate', code: 'no_decision', cause: 'c' }

const runOf = (decided: Decided, input: unknown, said: unknown = []): CaseRun => ({
  case: { file: 'f', line: 1, name: 'n', input, want: {} },
  decided,
  report: () => ok(said),
  faults: [],
})
const call = (id: string, more: object = {}) => ({
  action: { name: 'tools/call' },
  resource: { type: 'tool', id, properties: { arguments: {} } },
  ...more,
})

describe('the catalogue', () => {
  const TOOLS = [
    { name: 'read', takesPaths: true },
    { name: 'now', takesPaths: false },
  ]
  const missing = (tool: string, said: string, remedy: string) => ({
    message: `tool ${tool} is never ${said} in a case`,
    remedy,
  })

  test('is covered by a permit, a denial, and for paths a refusal of the arguments', () => {
    const runs = [permitted, hidden, refused].map((decided) => runOf(decided, call('read')))
    const scoped = [permitted, unscoped].map((decided) => runOf(decided, call('now')))
    expect(catalogueCoverage(TOOLS, [...runs, ...scoped])).toEqual({
      covered: 5,
      total: 5,
      percent: 100,
      uncovered: [],
    })
  })

  test('is not covered by existence, other actions, other resources or no decision', () => {
    const runs = [
      runOf(permitted, { ...call('read'), resource: { type: 'tool', id: 'read', properties: {} } }),
      runOf(permitted, call('read', { action: { name: 'prompts/get' } })),
      runOf(permitted, { ...call('read'), resource: { type: 'prompt', id: 'read', properties: { arguments: {} } } }),
      runOf(permitted, null),
      runOf(none, call('read')),
      runOf(permitted, call('other')),
    ]
    expect(catalogueCoverage(TOOLS, runs)).toEqual({
      covered: 0,
      total: 5,
      percent: 0,
      uncovered: [
        missing('read', 'permitted to anyone', 'Add a case of a call that is permitted, or remove the tool'),
        missing('read', 'denied to anyone', 'Add a case of a subject that may not call it'),
        missing(
          'read',
          'denied for its arguments',
          'Add a case of a path that is refused to a subject that may call it',
        ),
        missing('now', 'permitted to anyone', 'Add a case of a call that is permitted, or remove the tool'),
        missing('now', 'denied to anyone', 'Add a case of a subject that may not call it'),
      ],
    })
  })

  test('has the tools that the policy describes', () => {
    const data = { mcp: { catalogue: { read: {}, fetch: { paths: { '/to': 'write' } }, ask: null } } }
    expect(withVouched(TOOLS, data)).toEqual([
      ...TOOLS,
      { name: 'fetch', takesPaths: true },
      { name: 'ask', takesPaths: false },
    ])
  })
})

describe('rules', () => {
  const module = (path: string, ...kinds: readonly string[]): Module => ({
    file: `mcp/${path}.rego`,
    package: ['mcp', ...path.split('/')],
    packageLine: 1,
    imports: new Map(),
    rules: kinds.map((kind, index) => ({
      body: [],
      head: { ref: [{ type: 'var', value: kind }], location: { row: 3 + index } },
    })),
  })
  const tree = { root: '.', modules: [], tests: [], documents: [], hasManifest: false, strange: [] }
  const modules = [
    module('rules/a/b', 'permit', 'permit', 'limit', '_helper'),
    module('tools/t', 'deny_call'),
    module('lib/x', 'permit'),
  ]
  const coverage = (runs: readonly CaseRun[]) => ruleCoverage({ opa: 'none', tree, modules, runs })
  const said = (kind: string, rule: string, ...words: readonly unknown[]) => ({ kind, rule, said: words })

  test('are covered when each kind fired and did not', async () => {
    const runs = [
      runOf(permitted, {}, [said('permit', 'rules.a.b', 1), said('limit', 'rules.a.b'), said('deny_call', 'tools.t')]),
      runOf(refused, {}, [said('permit', 'rules.a.b'), said('limit', 'rules.a.b', 1), said('deny_call', 'tools.t', 1)]),
    ]
    expect(await coverage(runs)).toEqual({ covered: 6, total: 6, percent: 100, uncovered: [] })
  })

  test('name what was not seen, where it stands', async () => {
    const runs = [
      runOf(permitted, {}, [said('permit', 'rules.a.b', 1), said('limit', 'rules.a.b')]),
      runOf(none, {}, [said('deny_call', 'tools.t', 1)]),
    ]
    const fires = (id: string, file: string, line: number) => ({
      file,
      line,
      message: `${id} fires in no case`,
      remedy: 'Add a case in which it does',
    })
    const always = (id: string, file: string, line: number) => ({
      file,
      line,
      message: `${id} fires in every case that reaches it`,
      remedy: 'Add one in which it does not',
    })
    expect(await coverage(runs)).toEqual({
      covered: 2,
      total: 6,
      percent: 33.3,
      uncovered: [
        always('permit of rules.a.b', 'mcp/rules/a/b.rego', 3),
        fires('limit of rules.a.b', 'mcp/rules/a/b.rego', 5),
        fires('deny_call of tools.t', 'mcp/tools/t.rego', 3),
        always('deny_call of tools.t', 'mcp/tools/t.rego', 3),
      ],
    })
  })

  test('of a policy without reports are not covered, and it says why', async () => {
    const silent = { ...runOf(permitted, {}), report: () => err('no entrypoint') }
    expect(await coverage([silent])).toMatchObject({
      percent: 0,
      uncovered: [{ message: 'what rules say in the cases cannot be seen: no entrypoint' }],
    })
  })
})

test('nothing to cover is covered, and almost all is not all', () => {
  const fault = { message: 'm', remedy: 'r' }
  expect([measured(0, []).percent, measured(3000, [fault]).percent]).toEqual([100, 99.9])
})

test('what falls short of its minimum fails, and names everything that is missing', () => {
  const half = measured(2, [{ file: 'f', line: 2, message: 'm', remedy: 'r' }])
  const gates = gatesOf({ rules: half, catalogue: half }, { coverage: 51, catalogue: 50 })
  expect(coverageSuite(gates)).toEqual({
    name: 'coverage',
    milliseconds: 0,
    cases: [
      { name: 'rules: 50 %, 51 % wanted', faults: ['f:2: m; r'] },
      { name: 'catalogue: 50 %, 50 % wanted', faults: [] },
    ],
  })
})

test('lines are written as LCOV', () => {
  const files = [
    {
      file: 'a.rego',
      lines: new Map([
        [3, true],
        [5, false],
      ]),
    },
    { file: 'b.rego', lines: new Map() },
  ]
  expect(lcov(files)).toBe(
    'TN:\nSF:a.rego\nDA:3,1\nDA:5,0\nLF:2\nLH:1\nend_of_record\nTN:\nSF:b.rego\nLF:0\nLH:0\nend_of_record\n',
  )
})
