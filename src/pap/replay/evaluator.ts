import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Result } from '../../lib/result.ts'
import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPolicy } from '../../pdp/engine.ts'
import type { InputReads, LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { createProjection } from './projection.ts'

/** A policy that is asked many questions, one after the other, and nothing else. */
export type Evaluator = {
  readonly decide: (input: PolicyInput) => Promise<Decided>
  readonly close: () => void
}

export type Evaluated = {
  readonly bundle: LoadedBundle
  /** What its decisions can depend on, where that is known. */
  readonly reads?: InputReads
}

const REMEMBERED = 10_000
const MINUTE = 60_000

/** Decides each question of its own; those that differ only in what the policy does not read are one. */
export async function createEvaluator({
  bundle,
  reads,
}: Evaluated): Promise<Result<Evaluator, readonly PolicyFault[]>> {
  // A minute for every question: the budget for broken evaluations of one subject is for live traffic.
  let minute = 0
  const policy = await createPolicy(bundle, { now: () => (minute += MINUTE) })
  if (!policy.ok) return policy
  const { decide, health, close } = policy.value
  const remembered = new LRUCache<string, Decided>({ max: REMEMBERED })
  const nameOf = reads === undefined ? undefined : createProjection(reads)

  async function ask(input: PolicyInput): Promise<Decided> {
    const decided = decide(input)
    // An evaluation that broke cost its instance; the next one waits for the new one.
    while (decided.effect === 'indeterminate' && !health().ready) await setImmediate()
    return decided
  }

  async function decideOnce(input: PolicyInput, name: string): Promise<Decided> {
    const known = remembered.get(name)
    if (known !== undefined) return known
    const decided = await ask(input)
    remembered.set(name, decided)
    return decided
  }

  return { ok: true, value: { decide: (input) => (nameOf ? decideOnce(input, nameOf(input)) : ask(input)), close } }
}
