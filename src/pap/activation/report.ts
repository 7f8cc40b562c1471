import type { PolicyInput } from '../../model/input.ts'
import type { Json } from '../../model/json.ts'
import type { Policy } from '../../pdp/engine.ts'
import { REPORT } from '../../pdp/entrypoints.ts'
import { KINDS, type Kind } from '../rego/kinds.ts'

/** What one rule said; nothing said means that it did not fire. */
export type Reported = { readonly kind: Kind; readonly rule: string; readonly said: readonly Json[] }

/** What each rule said, by the compiled policy itself; undefined when it has no such entrypoint. */
export function compiledReport(policy: Policy, input: PolicyInput): readonly Reported[] | undefined {
  const report = policy.evaluate(REPORT, input as unknown as Parameters<Policy['evaluate']>[1])
  return report.ok && Array.isArray(report.value) ? report.value.filter(isReported) : undefined
}

const isReported = (value: unknown): value is Reported => {
  const { kind, rule, said } = (value ?? {}) as Partial<Reported>
  return KINDS.some((known) => known === kind) && typeof rule === 'string' && Array.isArray(said)
}
