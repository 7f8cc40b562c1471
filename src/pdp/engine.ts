import { err, ok, type Result } from '../lib/result.ts'
import type { Decided, Indeterminate } from '../model/decision.ts'
import type { PolicyInput } from '../model/input.ts'
import type { JsonObject } from '../model/json.ts'
import type { PolicyFault } from '../model/policy-fault.ts'
import type { Masks } from '../model/ruling.ts'
import { toDecision } from './decision-check.ts'
import { DECISION, MASK } from './entrypoints.ts'
import { type GateLimits, gate, INPUT_LIMITS, RECORD_LIMITS } from './gate.ts'
import type { LoadedBundle } from './loaded-bundle.ts'
import { createMask } from './mask.ts'
import { causeOf } from './sdk.ts'
import { startInstances } from './start.ts'
import { createTrapBudget } from './traps.ts'

export type PolicyHealth = {
  /** An instance or its spare can evaluate. */
  readonly ready: boolean
  readonly restarts: number
  readonly indeterminate: number
  readonly last_cause?: string
}

/** A compiled policy. None of its functions throws. */
export type Policy = {
  readonly bundle: { readonly revision: string; readonly sha256: string }
  readonly decide: (input: PolicyInput) => Decided
  readonly mask: (record: JsonObject) => Masks
  /** Any entrypoint; an undefined result is `undefined`. */
  readonly evaluate: (entrypoint: string, input: JsonObject) => Result<unknown, string>
  readonly health: () => PolicyHealth
  readonly close: () => void
}

export type PolicyOptions = {
  /** Milliseconds; only differences count. */
  readonly now: () => number
}

/** Of one subject, before its decisions are no longer evaluated for the rest of that minute. */
const TRAPS_PER_MINUTE = 10

export async function createPolicy(
  bundle: LoadedBundle,
  options: PolicyOptions,
): Promise<Result<Policy, readonly PolicyFault[]>> {
  const started = await startInstances(bundle, DECISION)
  if (!started.ok) return started
  const { instances, entrypoints } = started.value
  const traps = createTrapBudget({ perMinute: TRAPS_PER_MINUTE, now: options.now })
  const hasPlans = hasPlansIn(bundle.data)
  const decisionId = entrypoints[DECISION] ?? -1
  const maskOf = createMask((record) => unbroken(() => evaluate(MASK, record, RECORD_LIMITS), err), bundle.maskReads)
  let indeterminate = 0
  let lastCause: string | undefined

  function run(entrypoint: number, bytes: ArrayBuffer): Result<unknown, { cause: string; trapped: boolean }> {
    const instance = instances.current()
    if (instance === undefined) return err({ cause: 'no instance ready', trapped: false })
    try {
      return ok(instance.evaluate(bytes, entrypoint))
    } catch (thrown) {
      instances.discard()
      return err({ cause: causeOf(thrown), trapped: true })
    }
  }

  function none(code: Indeterminate['code'], cause: string): Indeterminate {
    indeterminate++
    lastCause = cause
    return { effect: 'indeterminate', code, cause }
  }

  function decide(input: PolicyInput): Decided {
    const bytes = gate(input)
    if (!bytes.ok) return none('input_too_large', bytes.error)
    const subject = subjectKey(input)
    if (traps.isSpent(subject)) return none('no_decision', 'this subject broke too many evaluations')
    const answer = run(decisionId, bytes.value)
    if (!answer.ok) {
      if (answer.error.trapped) traps.note(subject)
      return none('no_decision', answer.error.cause)
    }
    const decision = toDecision(answer.value, input, { hasPlans })
    return decision.ok ? decision.value : none('no_decision', decision.error)
  }

  function evaluate(entrypoint: string, input: JsonObject, limits: GateLimits): Result<unknown, string> {
    const id = Object.hasOwn(entrypoints, entrypoint) ? entrypoints[entrypoint] : undefined
    if (id === undefined) return err(`the policy has no entrypoint ${entrypoint}`)
    const bytes = gate(input, limits)
    if (!bytes.ok) return bytes
    const answer = run(id, bytes.value)
    if (!answer.ok) return err(answer.error.cause)
    return ok((answer.value as readonly { readonly result: unknown }[])[0]?.result)
  }

  return ok({
    bundle: { revision: bundle.revision, sha256: bundle.sha256 },
    decide: (input) =>
      unbroken(
        () => decide(input),
        (cause) => none('no_decision', cause),
      ),
    mask: (record) => (Object.hasOwn(entrypoints, MASK) ? maskOf(record) : ok('absent')),
    evaluate: (entrypoint, input) => unbroken(() => evaluate(entrypoint, input, INPUT_LIMITS), err),
    health: () => {
      const cause = lastCause ?? instances.lastFailure()
      return {
        ready: instances.current() !== undefined,
        restarts: instances.restarts(),
        indeterminate,
        ...(cause === undefined ? {} : { last_cause: cause }),
      }
    },
    close: instances.close,
  })
}

/** Runs what must not throw; whatever is thrown all the same ends as a cause. */
function unbroken<T>(step: () => T, otherwise: (cause: string) => T): T {
  try {
    return step()
  } catch (thrown) {
    return otherwise(causeOf(thrown))
  }
}

/** Asked before anything else, so also of an input that is not what its type says: the policy is to answer that. */
function subjectKey({ subject }: Partial<PolicyInput>): string {
  const properties: Partial<PolicyInput['subject']['properties']> | undefined = subject?.properties
  return JSON.stringify([properties?.issuer, properties?.tenant, subject?.id])
}

function hasPlansIn(data: JsonObject): boolean {
  const mcp = data['mcp'] as JsonObject | undefined
  const plans = mcp?.['plans']
  return typeof plans === 'object' && plans !== null && Object.keys(plans).length > 0
}
