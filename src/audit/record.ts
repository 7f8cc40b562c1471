import { sha256 } from '../lib/digest.ts'
import { withoutUndefined } from '../lib/without-undefined.ts'
import type { Decided } from '../model/decision.ts'
import type { LimitState } from '../model/grant.ts'
import type { PolicyInput } from '../model/input.ts'
import type { Outcome } from '../model/outcome.ts'
import type { DecisionRecord, Elevation, Listed, LogRecord, OutcomeRecord } from '../model/record.ts'
import { REFUSALS, type Refusal } from '../model/refusal.ts'

/** What became known of one request until its decision was recorded. Never the token, never what a tool returned. */
export type DecisionFacts = {
  readonly decisionId: string
  readonly timestamp: Date
  readonly requestId: string
  readonly traceId?: string | undefined
  readonly bundle?: { readonly revision: string; readonly sha256: string } | undefined
  /** The entrypoint that was asked. */
  readonly path?: string | undefined
  readonly input?: PolicyInput | undefined
  readonly decided?: Decided | undefined
  readonly argumentsSha256?: string | undefined
  readonly listed?: Listed | undefined
  /** False: monitor mode let `refusal` pass. */
  readonly enforced?: boolean | undefined
  readonly refusal?: Refusal | undefined
  readonly elevation?: Elevation | undefined
  readonly limits?: readonly LimitState[] | undefined
  readonly address?: string | undefined
  readonly metrics: Readonly<Record<string, number>>
}

export type OutcomeFacts = {
  readonly decisionId: string
  readonly timestamp: Date
  readonly outcome: Outcome
  readonly charged: boolean
  /** Microseconds from decision to end. */
  readonly duration: number
}

/** The line before the effect, unmasked. */
export const decisionRecord = (facts: DecisionFacts): DecisionRecord => {
  const { input, decided, refusal } = facts
  const cause = refusal === undefined ? undefined : causeOf(refusal)
  // An input that no decision takes is not worth a line of its size; its hash and the refusal say enough.
  const isKept = decided?.effect !== 'indeterminate' || decided.code !== 'input_too_large'
  return withoutUndefined<DecisionRecord>({
    kind: 'decision',
    decision_id: facts.decisionId,
    timestamp: facts.timestamp.toISOString(),
    request_id: facts.requestId,
    trace_id: facts.traceId,
    bundle: facts.bundle,
    path: facts.path,
    input: isKept ? input : undefined,
    input_sha256: input === undefined ? undefined : sha256(JSON.stringify(input)),
    result: decided === undefined ? undefined : resultOf(decided),
    arguments_sha256: facts.argumentsSha256,
    listed: facts.listed,
    enforced: facts.enforced === false ? false : undefined,
    stage: refusal === undefined ? undefined : REFUSALS[refusal.code].stage,
    refusal: refusal?.code,
    cause: cause === undefined ? undefined : cut(cause),
    elevation: facts.elevation,
    limits: facts.limits === undefined ? undefined : [...facts.limits],
    address: facts.address,
    metrics: { ...facts.metrics },
  })
}

/** The line after the effect. */
export const outcomeRecord = ({ decisionId, timestamp, outcome, charged, duration }: OutcomeFacts): OutcomeRecord =>
  withoutUndefined<OutcomeRecord>({
    kind: 'outcome',
    decision_id: decisionId,
    timestamp: timestamp.toISOString(),
    status: outcome.status,
    fault: outcome.fault,
    bytes: outcome.bytes,
    arguments_sha256: outcome.argumentsSha256,
    duration,
    charged,
  })

/** True when something may happen after this line, and a second one says what did. */
export const expectsOutcome = (record: LogRecord): boolean =>
  record.kind === 'decision' && (record.refusal === undefined || record.enforced === false)

const resultOf = (decided: Decided) =>
  decided.effect === 'indeterminate' ? { effect: decided.effect, cause: cut(decided.cause) } : decided

/** What the caller is not told, or told otherwise. */
const causeOf = (refusal: Refusal): string | undefined => {
  switch (refusal.code) {
    case 'token_invalid':
    case 'no_decision':
    case 'broken':
      return refusal.cause
    case 'invalid_request':
    case 'invalid_envelope':
    case 'header_mismatch':
      return refusal.detail
    case 'unsupported_version':
      return refusal.requested
    case 'invalid_arguments':
      return refusal.faults.map(({ pointer, expected }) => `${pointer}: ${expected}`).join('; ')
    case 'quota_exhausted':
      return refusal.exhausted.name
    default:
      return undefined
  }
}

const LONGEST = 2000

/** A cause may quote the caller: a megabyte of it would be an attack on the log. */
const cut = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (cut)`)
