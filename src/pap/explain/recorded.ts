import { Compile } from 'typebox/compile'
import type { Decided } from '../../model/decision.ts'
import { PolicyInput } from '../../model/input.ts'
import type { DecisionRecord, OutcomeRecord } from '../../model/record.ts'
import type { Policy } from '../../pdp/engine.ts'
import { maskedPointers, withErasedObjects } from '../replay/masked.ts'
import { refusalMeaning } from './refusal-meanings.ts'

/** What the decision log says of one request. */
export type RecordedLines = { readonly decision: DecisionRecord; readonly outcome?: OutcomeRecord }

export type Recorded = RecordedLines & {
  /** What the refusal means, of a request that was refused. */
  readonly meaning?: string
  /** `revision`: of that name, with other bytes. `none`: no policy was asked. */
  readonly policy: 'same' | 'revision' | 'other' | 'none'
  /** Pointers of the input that are not in the record as they were decided on. */
  readonly masked: readonly string[]
  /** Why it is not decided again. */
  readonly not_decided_again?: string
}

const inputs = Compile(PolicyInput)

/** The question of a record, with empty objects where arguments and claims were erased. */
export function recordedInput({ decision }: RecordedLines): PolicyInput | undefined {
  const { input } = decision
  if (typeof input !== 'object' || input === null || !('resource' in input) || !('subject' in input)) return undefined
  const whole: unknown = withErasedObjects(input as PolicyInput, decision)
  return inputs.Check(whole) ? whole : undefined
}

export function recordedFacts(lines: RecordedLines, bundle: Policy['bundle']): Recorded {
  const { decision } = lines
  const missing = recordedInput(lines) === undefined ? whyNoInput(decision) : undefined
  return {
    ...lines,
    ...(decision.refusal !== undefined && { meaning: refusalMeaning(decision.refusal) }),
    policy: policyOf(decision, bundle),
    masked: maskedPointers(decision),
    ...(missing !== undefined && { not_decided_again: missing }),
  }
}

function policyOf({ bundle }: DecisionRecord, { revision, sha256 }: Policy['bundle']): Recorded['policy'] {
  if (bundle === undefined) return 'none'
  if (bundle.sha256 === sha256) return 'same'
  return bundle.revision === revision ? 'revision' : 'other'
}

function whyNoInput({ input, mask_failed, input_sha256, stage = '' }: DecisionRecord): string {
  if (mask_failed === true) return 'the mask of the policy failed, so that the record holds no input'
  if (input !== undefined) return 'the mask took members that every question has'
  if (input_sha256 !== undefined) return 'the question was too large to be kept'
  return `the request ended at the step "${stage}", before there was a question for policy`
}

/** What a decision of today says otherwise than the recorded one. */
export function changedSince({ decision: { result } }: RecordedLines, now: Decided): readonly string[] {
  const then = (result ?? {}) as Partial<Record<string, unknown>>
  const today: Partial<Record<string, unknown>> = now
  const members = ['effect', 'visible', 'reasons', 'scopes', 'limits'].filter(
    (member) => summary(then[member]) !== summary(today[member]),
  )
  return members.map((member) => `${member}: ${summary(then[member])} then, ${summary(today[member])} now`)
}

/** Lists by the names of their elements, in one order. */
function summary(value: unknown): string {
  if (value === undefined) return 'none'
  if (!Array.isArray(value)) return String(value)
  const names = value.map((one) => String(one?.code ?? one?.name ?? one)).toSorted()
  return names.length === 0 ? 'none' : names.join(', ')
}
