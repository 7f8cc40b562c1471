import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, jest } from '@jest/globals'
import fc from 'fast-check'
import { DEFAULT_POLICIES } from '../../src/cli/package.ts'
import { toDecision } from '../../src/pdp/decision-check.ts'
import { callWith } from '../unit/pdp/inputs.ts'
import { attacksOn } from './attack.ts'
import { BODY_TOO_LARGE, contentOf, expectAnswer, noDecision, PARSE_ERROR } from './expected.ts'
import type { Scene } from './scene.ts'
import { CONTENT } from './server.ts'

const LIMIT = {
  name: 'odd',
  kind: 'rate',
  limit: 5,
  period: 60,
  burst: 5,
  cost: 1,
  on_store_error: 'deny',
  shadow: false,
}
const WHOLE = { effect: 'permit', visible: true, reasons: [], scopes: [], limits: [], obligations: [] }

/** What the policy answers instead of a decision, by the file that is asked for. */
const DECISIONS = {
  text: 'true',
  number: 1,
  object: {},
  list: [true],
  null: null,
  boolean: true,
  allow: { allow: true },
  effect: { ...WHOLE, effect: true },
  member_less: { effect: 'permit', visible: true, reasons: [], scopes: [], limits: [] },
  member_more: { ...WHOLE, allow: true },
  hidden_permit: { ...WHOLE, visible: false },
  no_limits: WHOLE,
  obligation: { ...WHOLE, limits: [LIMIT], obligations: [{ type: 'redact' }] },
  denial_with_limits: { ...WHOLE, effect: 'deny', limits: [LIMIT] },
}
/** What a rule gives besides the members of a limit. */
const LIMITS = {
  negative: { limit: -1 },
  digits: { limit: '5' },
  null: { limit: null },
  infinite: { limit: 'INFINITE' },
  kind: { kind: 'forever' },
  period: { period: 'year' },
  no_period: { period: 0 },
  cost: { cost: -5 },
  member_more: { max_bytes: null },
  key: { key: ['https://issuer.example', '', 'somebody-else'] },
  short_key: { key: [] },
}

const ruleOf = (name: string, body: string) => `# METADATA
# title: T
# custom:
#   code: tests.${name}
package mcp.rules.tests.${name}

import data.mcp.lib.result
import data.mcp.lib.subject

${body}

_reason := result.reason(rego.metadata.chain())
`
/** JSON is Rego, save for a number that JSON.parse takes for infinity. */
const terms = (values: object) => JSON.stringify(values).replace('"INFINITE"', '1e309')

const MAIN = readFileSync(join(DEFAULT_POLICIES, 'mcp/main/main.rego'), 'utf8').replace(
  'decision := {',
  `decision := _odd[_asked[1]] if {
	_asked[0] == "decision"
} else := {`,
)
const POLICIES = {
  'mcp/main/main.rego': `${MAIN}
_asked := input.resource.properties.paths[0].segments

_odd := ${terms(DECISIONS)}
`,
  'mcp/rules/tests/odd/odd.rego': ruleOf(
    'odd',
    `limit contains object.union(_usual, _odd[_asked[2]]) if _asked[1] == "limit"

limit contains object.union(_usual, {"limit": n}) if {
	_asked[1] == "limits"
	some n in [1, 2]
}

_asked := input.resource.properties.paths[0].segments

_usual := object.union({"key": subject.key}, ${terms(LIMIT)})

_odd := ${terms(LIMITS)}`,
  ),
  // permits whatever it is not told to refuse
  'mcp/rules/tests/open/open.rego': ruleOf('open', 'permit contains _reason if not input.blocked'),
  'mcp/rules/tests/large/large.rego': ruleOf(
    'large',
    `deny_call contains _reason if {
	input.resource.properties.paths[0].segments == ["public", "large"]
	count(numbers.range(1, 3000000)) == 1
}`,
  ),
  'mcp/rules/tests/loud/loud.rego': ruleOf(
    'loud',
    `deny_call contains _reason if {
	print("LOUD", input)
	input.resource.id == "nothing"
}`,
  ),
}

const attack = attacksOn({ policies: POLICIES })
const read = (scene: Scene, path: string) => scene.call('readFile', { path })
const isUsual = async (scene: Scene) => expectAnswer(await read(scene, 'public/ok.txt'), contentOf(CONTENT))
const restarts = async ({ server }: Scene) =>
  ((await server.portcullis.readiness())['policy'] as unknown as { restarts: number }).restarts

attack(
  'D-002',
  async (scene) => {
    for (const name of Object.keys(DECISIONS)) expectAnswer(await read(scene, `decision/${name}`), noDecision())
    const two = toDecision([{ result: WHOLE }, { result: WHOLE }], callWith({}), { hasPlans: false })
    expect(two).toEqual({ ok: false, error: 'the decision is undefined' })
    await isUsual(scene)
  },
  {
    logged: (lines) =>
      expect(lines.filter(({ kind, refusal }) => kind === 'outcome' || refusal !== 'no_decision')).toHaveLength(2),
  },
)

attack(
  'D-033',
  async (scene) => {
    for (const name of Object.keys(LIMITS)) expectAnswer(await read(scene, `public/limit/${name}`), noDecision())
    expectAnswer(await read(scene, 'public/limits/twice'), noDecision())
    await isUsual(scene)
  },
  {
    logged: (lines) =>
      expect(lines.filter(({ kind, refusal }) => kind === 'outcome' || refusal !== 'no_decision')).toHaveLength(2),
  },
)

attack('D-005', async (scene) => {
  const before = await restarts(scene)
  for (let n = 1; n <= 2; n++) {
    expectAnswer(await read(scene, 'public/large'), noDecision())
    await isUsual(scene)
    expect(await restarts(scene)).toBe(before + n)
  }
  expectAnswer(await scene.post(Buffer.alloc(20_000_000, ' ')), BODY_TOO_LARGE)
  await isUsual(scene)
})

const NEVER_JSON = [
  ...Array.from({ length: 32 }, (_, code) => code).filter((code) => ![9, 10, 13].includes(code)),
  0xff,
]

attack(
  'D-008',
  async (scene) => {
    const params = { name: 'searchFiles', arguments: { path: 'public', text: 'ü' } }
    const good = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }))
    const cut = fc.integer({ min: 0, max: good.length - 1 }).map((end) => good.subarray(0, end))
    const place = fc.integer({ min: 0, max: good.length })
    const corrupted = fc
      .tuple(place, fc.constantFrom(...NEVER_JSON))
      .map(([at, code]) => Buffer.concat([good.subarray(0, at), Buffer.of(code), good.subarray(at)]))
    const property = fc.asyncProperty(fc.oneof(cut, corrupted), async (body) => {
      expectAnswer(await scene.post(body, { headers: [['MCP-Protocol-Version', '2025-11-25']] }), PARSE_ERROR)
    })
    await fc.assert(property, { numRuns: 200, seed: 8, endOnFailure: true })
  },
  {
    logged: (lines) =>
      expect(lines.filter(({ refusal, bundle }) => refusal !== 'malformed_json' || bundle)).toEqual([]),
  },
)

attack('D-034', async (scene) => {
  const written: string[] = []
  const spies = [
    jest.spyOn(console, 'log').mockImplementation((...said) => void written.push(said.join(' '))),
    ...(['stdout', 'stderr'] as const).map((stream) =>
      jest.spyOn(process[stream], 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0),
    ),
  ]
  for (let n = 0; n < 20; n++) await scene.rpc('tools/list')
  await isUsual(scene)
  for (const spy of spies) spy.mockRestore()
  expect(written.filter((text) => text.includes('LOUD'))).toEqual([])
  expect(scene.server.operatorLog()).not.toContain('LOUD')
  expect(scene.server.logText()).not.toContain('LOUD')
})
