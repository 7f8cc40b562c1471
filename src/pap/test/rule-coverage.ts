import type { PolicyFault } from '../../model/policy-fault.ts'
import { KINDS } from '../rego/kinds.ts'
import { located, type Module } from '../rego/module.ts'
import type { PolicyTree } from '../rego/tree.ts'
import type { CaseRun } from './case-run.ts'
import { type Measured, measured } from './measured.ts'

type RuleKind = { readonly id: string; readonly file: string; readonly line: number }
type Said = { readonly kind: string; readonly rule: string; readonly said: readonly unknown[] }
type Seen = { readonly firing: ReadonlySet<string>; readonly silent: ReadonlySet<string> }

/**
 * Which kinds of which rules the cases saw firing, and not firing, on the compiled policy. Limits and
 * obligations carry no code, so decisions alone do not tell.
 */
export async function ruleCoverage(options: {
  readonly opa: string
  readonly tree: PolicyTree
  readonly modules: readonly Module[]
  readonly runs: readonly CaseRun[]
}): Promise<Measured> {
  const { opa, tree, modules, runs } = options
  const total = 2 * modules.flatMap(kindsOf).length
  const seen = whatRulesSaid(runs)
  if (typeof seen === 'string' && total > 0) return { covered: 0, total, percent: 0, uncovered: [unmeasured(seen)] }
  if (typeof seen === 'string') return measured(0, [])
  return measured(total, await located(opa, tree, modules, (all) => all.flatMap(kindsOf).flatMap(unseenIn(seen))))
}

/** What the rules said in each case; a text says why that cannot be known. */
function whatRulesSaid(runs: readonly CaseRun[]): Seen | string {
  const firing = new Set<string>()
  const silent = new Set<string>()
  for (const { decided, report: ask } of runs) {
    if (decided.effect === 'indeterminate') continue
    const report = ask()
    if (!report.ok) return report.error
    for (const { kind, rule, said } of (report.value ?? []) as readonly Said[]) {
      const place = said.length > 0 ? firing : silent
      place.add(idOf(rule, kind))
    }
  }
  return { firing, silent }
}

const idOf = (rule: string, kind: string): string => `${kind} of ${rule}`

const unmeasured = (cause: string): PolicyFault => ({
  message: `what rules say in the cases cannot be seen: ${cause}`,
  remedy: 'Define `report` in package mcp.main as the default policy does',
})

const unseenIn =
  ({ firing, silent }: Seen) =>
  ({ id, file, line }: RuleKind): readonly PolicyFault[] => [
    ...(firing.has(id)
      ? []
      : [{ file, line, message: `${id} fires in no case`, remedy: 'Add a case in which it does' }]),
    ...(silent.has(id)
      ? []
      : [{ file, line, message: `${id} fires in every case that reaches it`, remedy: 'Add one in which it does not' }]),
  ]

/** The kinds that a package of rules defines, each where it first stands. */
function kindsOf(module: Module): readonly RuleKind[] {
  const [root, area, ...rest] = module.package
  const depth = area === 'rules' ? 2 : area === 'tools' ? 1 : undefined
  if (root !== 'mcp' || rest.length !== depth) return []
  return KINDS.flatMap((kind) => {
    const first = module.rules.find(({ head }) => head.ref[0]?.value === kind)
    if (first === undefined) return []
    const id = idOf([area, ...rest].join('.'), kind)
    return [{ id, file: module.file, line: first.head.location?.row ?? module.packageLine }]
  })
}
