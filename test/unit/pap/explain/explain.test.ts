import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEFAULT_POLICIES } from '../../../../src/cli/package.ts'
import type { PolicyInput } from '../../../../src/model/input.ts'
import { explain } from '../../../../src/pap/explain/explain.ts'
import type { Change, Condition, Explanation, RuleFinding } from '../../../../src/pap/explain/explanation.ts'
import { type OpenedPolicy, openPolicy } from '../../../../src/pap/explain/open.ts'
import { capabilities, findOpa, writeTree } from '../../../policy/tools.ts'
import { ask, listed, readFile, writeFile } from './question.ts'
import { TREE } from './tree.ts'

const tools = ['readFile', 'listFiles', 'searchFiles', 'writeFile']

async function open(dir: string): Promise<OpenedPolicy> {
  const opened = await openPolicy(
    { dir },
    { opa: findOpa, capabilities, tools, now: () => performance.now(), budgetMs: 1_000 },
  )
  if (!opened.ok) throw new Error(JSON.stringify(opened.error, undefined, 2))
  return opened.value
}

const answered = ({ policy, data, sources }: OpenedPolicy, input: PolicyInput): Promise<Explanation> =>
  explain(input, { policy, data, sources, opa: findOpa, tools })

const fired = ({ rules }: Explanation, ...kinds: readonly string[]): readonly string[] =>
  rules
    .filter(({ kind, state }) => state === 'fired' && kinds.includes(kind))
    .map(({ kind, rule, code }) => `${kind} ${rule} ${code}`)

const changeText = (change: Change): string => {
  if (change.change === 'role') return `role ${change.add}`
  if (change.change === 'scope') return `scope ${change.add.join(' ')}`
  return 'below' in change ? `${change.argument} below ${change.below}` : `${change.argument} without ${change.without}`
}
const changes = ({ changes: { permitted_with } }: Explanation): readonly string[] =>
  permitted_with.map((combination) => combination.map(changeText).join(' and '))

/** The deepest place that a condition leads to, each time by its first cause. */
const deepest = ({ file, line, text, causes: [first] }: Condition): string =>
  first === undefined ? `${file}:${line} ${text}` : deepest(first)

const firstFailed = ({ rules }: Explanation, kind: string, name: string): readonly string[] =>
  rules
    .filter((one) => one.kind === kind && one.rule === name)
    .flatMap(({ bodies }) => bodies.flatMap(({ failed }) => (failed === undefined ? [] : [deepest(failed)])))

type Row = {
  readonly what: string
  readonly input: PolicyInput
  readonly effect: string
  readonly fired: readonly string[]
  readonly changes: readonly string[]
}

const summary = (explanation: Explanation, ...kinds: readonly string[]) => {
  const { decision, disagreements } = explanation
  return {
    effect: decision.effect === 'deny' ? (decision.visible ? 'denied' : 'hidden') : decision.effect,
    fired: fired(explanation, ...kinds),
    changes: changes(explanation),
    disagreements,
  }
}

describe('the policy of the repository:', () => {
  let policy: OpenedPolicy
  beforeAll(async () => {
    policy = await open(DEFAULT_POLICIES)
  }, 60_000)
  afterAll(() => policy.close())

  test.each<Row>([
    {
      what: 'a permit',
      input: ask(),
      effect: 'permit',
      fired: ['permit rules.tools.role_granted tools.role_granted'],
      changes: [],
    },
    {
      what: 'a hidden tool',
      input: ask({ roles: ['readonly'], resource: writeFile('public', 'a') }),
      effect: 'hidden',
      fired: [
        'deny_call rules.paths.outside paths.outside',
        'deny rules.paths.unreachable paths.unreachable',
        'deny rules.tools.writer_role tools.writer_role',
      ],
      changes: ['role admin', 'role user'],
    },
    {
      what: 'a path outside',
      input: ask({ resource: readFile('docs', 'a') }),
      effect: 'denied',
      fired: ['deny_call rules.paths.outside paths.outside', 'permit rules.tools.role_granted tools.role_granted'],
      changes: ['role admin', 'role readonly', '/path below /public', '/path below /users/alice'],
    },
    {
      what: 'a missing scope',
      input: ask({ scopes: [] }),
      effect: 'denied',
      fired: ['permit rules.tools.role_granted tools.role_granted'],
      changes: ['scope mcp:read'],
    },
    {
      what: 'a name that is closed to everyone',
      input: ask({ resource: readFile('public', '.env') }),
      effect: 'denied',
      fired: ['deny_call rules.paths.never paths.never', 'permit rules.tools.role_granted tools.role_granted'],
      changes: ['/path without .env'],
    },
    {
      what: 'a rule of one tool',
      input: ask({ resource: writeFile('public', '.bashrc') }),
      effect: 'denied',
      fired: ['permit rules.tools.role_granted tools.role_granted', 'deny_call tools.writeFile writeFile.dot_name'],
      changes: ['/path without .bashrc'],
    },
    {
      what: 'three things that are missing together',
      input: ask({ roles: [], scopes: [], resource: writeFile('docs', 'a') }),
      effect: 'hidden',
      fired: [
        'deny_call rules.paths.outside paths.outside',
        'deny rules.paths.unreachable paths.unreachable',
        'deny rules.tools.writer_role tools.writer_role',
      ],
      changes: [
        'role admin and scope mcp:write',
        'role user and scope mcp:write and /path below /public',
        'role user and scope mcp:write and /path below /users/alice',
      ],
    },
  ])('$what', async ({ what: _, input, ...wanted }) => {
    const explanation = await answered(policy, input)
    expect(summary(explanation, 'permit', 'deny', 'deny_call')).toEqual({ ...wanted, disagreements: [] })
  })

  test('an unknown tool, and the one that was meant', async () => {
    const input = ask({ resource: { type: 'tool', id: 'readfile', properties: { arguments: {} } } })
    const explanation = await answered(policy, input)
    expect({ ...summary(explanation, 'permit'), unknown: explanation.unknown_tool }).toEqual({
      effect: 'hidden',
      fired: [],
      changes: [],
      disagreements: [],
      unknown: { closest: 'readFile' },
    })
  })

  test('what is no call asks no rule about calls', async () => {
    const { rules } = await answered(policy, ask({ resource: listed(readFile()) }))
    const states = new Set(rules.filter(({ kind }) => kind === 'deny_call').map(({ state }) => state))
    expect([...states]).toEqual(['not_asked'])
  })
})

describe('a policy of another', () => {
  let tree: ReturnType<typeof writeTree>
  let policy: OpenedPolicy
  beforeAll(async () => {
    tree = writeTree(TREE)
    policy = await open(tree.dir)
  }, 60_000)
  afterAll(async () => {
    await policy.close()
    tree.remove()
  })

  test('each rule, with title, code, and the condition that failed', async () => {
    const { rules } = await answered(policy, ask({ roles: ['reader'], resource: readFile('docs', 'a') }))
    const shown = rules.map(({ kind, rule, title, code, state, bodies }: RuleFinding) => ({
      rule: `${kind} ${rule}`,
      says: `${code}: ${title}`,
      state,
      failed: bodies.flatMap(({ failed }) => (failed === undefined ? [] : [`${failed.line} ${failed.text}`])),
    }))
    expect(shown).toEqual([
      { rule: 'limit rules.limits.calls', says: 'limits.calls: Calls per minute', state: 'fired', failed: [] },
      {
        rule: 'deny_call rules.paths.never',
        says: 'paths.never: A name is closed',
        state: 'not_fired',
        failed: ['13 ".env" in path.segments'],
      },
      { rule: 'deny_call rules.paths.outside', says: 'paths.outside: A path lies outside', state: 'fired', failed: [] },
      {
        rule: 'scope rules.scopes.needed',
        says: 'scopes.needed: Operations need a scope',
        state: 'fired',
        failed: ['13 scope contains "mcp:write" if input.resource.properties.read_only == false'],
      },
      {
        rule: 'deny rules.subjects.broken',
        says: 'subjects.broken: This breaks',
        state: 'not_fired',
        failed: ['12 "broken" in input.subject.properties.roles'],
      },
      {
        rule: 'permit rules.tools.granted',
        says: 'tools.granted: The role grants this tool',
        state: 'fired',
        failed: [],
      },
    ])
  })

  test('a role that inherits has what it inherits', async () => {
    const explanation = await answered(policy, ask({ roles: ['editor'] }))
    expect(summary(explanation, 'permit')).toEqual({
      effect: 'permit',
      fired: ['permit rules.tools.granted tools.granted'],
      changes: [],
      disagreements: [],
    })
  })

  test('every role that would do, the inheriting ones too', async () => {
    expect(changes(await answered(policy, ask({ roles: [] })))).toEqual(['role boss', 'role editor', 'role reader'])
  })

  test('the role that comes nearest with a path, besides the one that needs none', async () => {
    const explanation = await answered(policy, ask({ roles: ['reader'], resource: writeFile('docs', 'a') }))
    expect(changes(explanation)).toEqual(['role boss', 'role editor and /path below /users/alice'])
    expect(firstFailed(explanation, 'permit', 'rules.tools.granted')).toEqual([
      'mcp/rules/tools/granted/granted.rego:14 input.resource.id in role.tools',
    ])
  })

  test('no decision: where the evaluation broke', async () => {
    const { decision, rules, without_conditions, changes, disagreements } = await answered(
      policy,
      ask({ roles: ['broken'] }),
    )
    expect({ decision, rules, without_conditions, changes, disagreements }).toEqual({
      decision: { effect: 'indeterminate', code: 'no_decision', cause: expect.stringContaining('broken.rego:18') },
      rules: [],
      without_conditions: expect.stringContaining('mcp/rules/subjects/broken/broken.rego:18: eval_conflict_error'),
      changes: { permitted_with: [], tried: 0, complete: true },
      disagreements: [],
    })
  })

  test('without opa, what the compiled policy reports', async () => {
    const { data, sources, policy: compiled } = policy
    const missing = () => Promise.reject(new Error('none'))
    const explanation = await explain(ask({ roles: ['reader'], resource: readFile('docs', 'a') }), {
      ...{ policy: compiled, data, sources, opa: missing, tools },
    })
    expect({
      rules: explanation.rules.map(({ kind, rule, state, title, bodies }) => [`${kind} ${rule}`, state, title, bodies]),
      source: explanation.source,
      without: explanation.without_conditions,
    }).toEqual({
      rules: [
        ['limit rules.limits.calls', 'fired', undefined, []],
        ['deny_call rules.paths.never', 'not_fired', undefined, []],
        ['deny_call rules.paths.outside', 'fired', 'A path lies outside', []],
        ['scope rules.scopes.needed', 'fired', undefined, []],
        ['deny rules.subjects.broken', 'not_fired', undefined, []],
        ['permit rules.tools.granted', 'fired', 'The role grants this tool', []],
      ],
      source: 'none',
      without: 'they are read with opa, which is not there; `portcullis doctor` says what to do',
    })
  })

  test('data that would make the trace too large', async () => {
    const { data, sources, policy: compiled } = policy
    const { source, without_conditions } = await explain(ask(), {
      ...{ policy: compiled, sources, opa: findOpa, tools },
      data: { ...data, much: 'x'.repeat(4_000_000) },
    })
    expect({ source, without_conditions }).toEqual({
      source: 'none',
      without_conditions: 'the data of the policy is too large to be traced; try with fewer roles',
    })
  })

  test('a source that is not what was compiled is told loudly', async () => {
    const changed = writeTree({
      ...TREE,
      'mcp/rules/tools/granted/granted.rego': (TREE['mcp/rules/tools/granted/granted.rego'] ?? '').replace(
        'tools/call',
        'tools/list',
      ),
    })
    const { data, policy: compiled } = policy
    const sources = { root: changed.dir, whole: true, close: async () => undefined }
    const { disagreements } = await explain(ask({ roles: ['reader'] }), {
      ...{ policy: compiled, data, sources, opa: findOpa, tools },
    })
    changed.remove()
    expect(disagreements).toEqual([
      expect.stringMatching(/^WASM decides \{.*"permit".*\}, opa eval \{.*"deny".*\}$/),
      'permit of rules.tools.granted fires in WASM, not in opa eval',
    ])
  })
})
