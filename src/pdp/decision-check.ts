import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../lib/result.ts'
import { Decision, type Limit } from '../model/decision.ts'
import type { PolicyInput } from '../model/input.ts'

const decisions = Compile(Decision)

/** Characters and values of a decision in all; a decision is small, and all of it goes on the log. */
const MAX_WEIGHT = 65_536

/**
 * Takes what the policy answered for a decision, or says why it is none. What OPA calls undefined is an
 * empty result set, and no decision either.
 */
export function toDecision(
  answer: unknown,
  input: PolicyInput,
  policy: { readonly hasPlans: boolean },
): Result<Decision, string> {
  if (!Array.isArray(answer) || answer.length !== 1) return err('the decision is undefined')
  const [{ result }]: readonly [{ readonly result: unknown }] = answer as [{ result: unknown }]
  if (weigh(result, MAX_WEIGHT) < 0) return err('the decision is oversized')
  if (!decisions.Check(result)) return err(`the decision is malformed${placeOf(result)}`)
  const fault = contradiction(result, input, policy)
  return fault === undefined ? ok(result) : err(fault)
}

function contradiction(decision: Decision, input: PolicyInput, policy: { hasPlans: boolean }): string | undefined {
  if (decision.effect === 'deny') {
    return decision.limits.length + decision.obligations.length > 0 ? 'a denial with limits or obligations' : undefined
  }
  if (!decision.visible) return 'a permit that is not visible'
  if (policy.hasPlans && input.action.name === 'tools/call' && decision.limits.length === 0) {
    return 'a permitted tools/call without any limit, although there are plans'
  }
  return decision.limits.length > 0 ? limitFault(decision.limits, input.subject) : undefined
}

function limitFault(limits: readonly Limit[], subject: PolicyInput['subject']): string | undefined {
  for (const [index, limit] of limits.entries()) {
    const [issuer, tenant, id] = limit.key
    // A key of another beginning would let one caller use up what belongs to another.
    if (issuer !== subject.properties.issuer || tenant !== subject.properties.tenant || id !== subject.id) {
      return `the key of limit "${limit.name}" does not begin with issuer, tenant and subject id`
    }
    if (limits.slice(0, index).some((other) => contradicts(limit, other))) {
      return `limit "${limit.name}" stands twice for one key with different figures`
    }
  }
  return undefined
}

/** The same limit of the same key, with other figures. */
function contradicts(a: Limit, b: Limit): boolean {
  if (a.name !== b.name || a.key.length !== b.key.length || a.key.some((part, index) => part !== b.key[index])) {
    return false
  }
  return FIGURES.some((figure) => a[figure] !== b[figure])
}

const FIGURES = ['kind', 'limit', 'period', 'burst', 'cost', 'on_store_error', 'shadow'] as const

/** What is left of `budget` after this value; negative when it does not suffice. */
function weigh(value: unknown, budget: number): number {
  if (typeof value === 'string') return budget - value.length
  if (typeof value !== 'object' || value === null) return budget - 1
  let left = budget - 1
  for (const key in value) {
    left = weigh((value as Readonly<Record<string, unknown>>)[key], left - key.length)
    if (left < 0) return left
  }
  return left
}

function placeOf(result: unknown): string {
  const [fault] = decisions.Errors(result)
  return fault === undefined ? '' : ` at ${fault.instancePath || '/'}: ${fault.message}`
}
