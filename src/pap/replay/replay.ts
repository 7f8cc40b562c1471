import { sha256 } from '../../lib/digest.ts'
import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { DecisionRecord } from '../../model/record.ts'
import type { InputReads } from '../../pdp/loaded-bundle.ts'
import { sameDecision } from '../diff/same.ts'
import type { Evaluator } from './evaluator.ts'
import { maskedPointers, neededPointers, withErasedObjects } from './masked.ts'

/** Why a recorded decision cannot be decided again. */
export type Obstacle = {
  readonly why: 'input masked' | 'input not recorded' | 'input changed' | 'result masked'
  /** What is masked, where that is why. */
  readonly pointers: readonly string[]
}

/** What a record says was asked; `nothing` when it was refused before anything was asked of the policy. */
export type Asked =
  | { readonly kind: 'question'; readonly input: PolicyInput; readonly isMasked: boolean }
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'obstacle' } & Obstacle)

/**
 * The recorded question, if it can be put to a policy with these reads. Nothing is guessed: what is masked and
 * could matter, or does not fit its hash, is not asked.
 */
export function askedIn(record: DecisionRecord, reads: InputReads | undefined): Asked {
  const { input, input_sha256 } = record
  if (input === undefined && input_sha256 === undefined) return { kind: 'nothing' }
  if (typeof input !== 'object' || input === null) return { kind: 'obstacle', why: 'input not recorded', pointers: [] }
  const isMasked = maskedPointers(record).length > 0
  if (!isMasked) {
    const isWhole = input_sha256 === undefined || sha256(JSON.stringify(input)) === input_sha256
    if (!isWhole) return { kind: 'obstacle', why: 'input changed', pointers: [] }
    return { kind: 'question', input: input as PolicyInput, isMasked }
  }
  const pointers = neededPointers(record, reads)
  if (pointers.length > 0) return { kind: 'obstacle', why: 'input masked', pointers }
  return { kind: 'question', input: withErasedObjects(input as PolicyInput, record), isMasked }
}

export type Replayed =
  | { readonly kind: 'same'; readonly isMasked: boolean }
  | { readonly kind: 'different'; readonly input: PolicyInput; readonly recorded: Decided; readonly decided: Decided }
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'obstacle' } & Obstacle)

/** Decides a recorded question again and compares. */
export async function replay(
  record: DecisionRecord,
  evaluator: Evaluator,
  reads: InputReads | undefined,
): Promise<Replayed> {
  const asked = askedIn(record, reads)
  if (asked.kind !== 'question') return asked
  const masked = [...(record.erased ?? []), ...(record.masked ?? [])].filter((pointer) => pointer.startsWith('/result'))
  if (masked.length > 0) return { kind: 'obstacle', why: 'result masked', pointers: masked }
  const recorded = recordedDecision(record.result)
  const decided = await evaluator.decide(asked.input)
  return sameDecision(recorded, decided)
    ? { kind: 'same', isMasked: asked.isMasked }
    : { kind: 'different', input: asked.input, recorded, decided }
}

/** A record says of an indeterminate decision only why; one without any result is taken for one. */
function recordedDecision(result: unknown): Decided {
  if (isDecision(result)) return result
  const { cause } = (result ?? {}) as { readonly cause?: unknown }
  return { effect: 'indeterminate', code: 'no_decision', cause: typeof cause === 'string' ? cause : 'none recorded' }
}

const isDecision = (result: unknown): result is Decided =>
  typeof result === 'object' &&
  result !== null &&
  'effect' in result &&
  (result.effect === 'permit' || result.effect === 'deny') &&
  ['reasons', 'scopes', 'limits', 'obligations'].every((name) => Array.isArray(Object(result)[name]))
