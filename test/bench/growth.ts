import type { JsonObject } from '../../src/model/json.ts'
import type { Policy } from '../../src/pdp/engine.ts'
import type { LoadedBundle } from '../../src/pdp/loaded-bundle.ts'
import { compile, policyOf } from './policy.ts'
import { mayRead } from './questions.ts'
import { type Batch, interleave, repeated } from './sample.ts'
import { micros, table, times } from './table.ts'

const ROUNDS = { rounds: 30, warmUp: 10 }
const BATCH = 100
const ROLES = [10, 1_000, 100_000]
const PACKAGES = [10, 100, 1_000]
const RULES = [10, 100, 1_000]
const QUESTION = mayRead('readonly', ['docs', 'a.txt'])

/** How one permit takes longer as a policy grows in roles, in packages of tools, and in rules for every call. */
export async function benchGrowth(): Promise<string> {
  const base = await compile()
  const rows = [
    ...(await compare('roles', ROLES, async (count) => withRoles(base, count))),
    ...(await compare('packages of one tool each', PACKAGES, (count) => compile(toolPackages(count)))),
    ...(await compare('further rules for every call', RULES, (count) => compile(generalRules(count)))),
  ]
  return table('(c) one permit as the policy grows, µs', ['', 'count', 'p50', 'p99', '÷ least'], rows)
}

async function compare(
  what: string,
  counts: readonly number[],
  bundleOf: (count: number) => Promise<LoadedBundle>,
): Promise<string[][]> {
  const policies: Policy[] = []
  const sides: Record<string, Batch> = {}
  try {
    for (const count of counts) {
      const policy = await policyOf(await bundleOf(count))
      policies.push(policy)
      const { effect } = policy.decide(QUESTION)
      if (effect !== 'permit') throw new Error(`${effect} with ${count} ${what}`)
      sides[count] = repeated(BATCH, () => policy.decide(QUESTION))
    }
    const taken = Object.entries(await interleave(sides, ROUNDS))
    const least = taken[0]?.[1].p50 ?? Number.NaN
    return taken.map(([count, { p50, p99 }]) => [what, count, micros(p50), micros(p99), times(p50 / least)])
  } finally {
    for (const policy of policies) policy.close()
  }
}

function withRoles(base: LoadedBundle, count: number): LoadedBundle {
  const mcp = base.data['mcp'] as Readonly<Record<'roles' | 'inherits', JsonObject>> & JsonObject
  const role = { tools: ['readFile'], paths: { read: [['public']], write: [] }, may_write: false, plan: 'reader' }
  const names = Array.from({ length: count }, (_, n) => `role-${n}`)
  const roles = { ...mcp.roles, ...Object.fromEntries(names.map((name, rank) => [name, { ...role, rank }])) }
  const inherits = { ...mcp.inherits, ...Object.fromEntries(names.map((name) => [name, []])) }
  return { ...base, data: { ...base.data, mcp: { ...mcp, roles, inherits } } }
}

function toolPackages(count: number): Readonly<Record<string, string>> {
  const text = (tool: string) => `package mcp.tools.${tool}

deny_call contains {"code": "${tool}.large", "message": "Too large"} if input.context.bytes > 100000
`
  const names = ['readFile', ...Array.from({ length: count - 1 }, (_, n) => `tool${n}`)]
  return Object.fromEntries(names.map((tool) => [`mcp/tools/${tool}/${tool}.rego`, text(tool)]))
}

function generalRules(count: number): Readonly<Record<string, string>> {
  const text = (n: number) => `package mcp.rules.generated.rule${n}

deny contains {"code": "generated.rule${n}", "message": "Not this tenant"} if {
	input.subject.properties.tenant == "tenant-${n}"
	input.resource.type == "tool"
}
`
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`mcp/rules/generated/rule${n}/rule${n}.rego`, text(n)]),
  )
}
