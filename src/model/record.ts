import { type Static, Type } from 'typebox'
import { LimitState } from './grant.ts'
import { OutcomeStatus } from './outcome.ts'

const Bundle = Type.Object({ revision: Type.String(), sha256: Type.String() }, { additionalProperties: false })

/**
 * What a list asked and showed: of its items as many as fill a page and tell whether there is another. An
 * indeterminate item is left out of the list.
 */
export const Listed = Type.Object(
  { asked: Type.Integer(), shown: Type.Integer(), indeterminate: Type.Integer() },
  { additionalProperties: false },
)
export type Listed = Static<typeof Listed>

/** A caller came back with scopes that it had been refused for lack of. */
export const Elevation = Type.Object(
  {
    refused: Type.String({ description: 'decision_id of the refusal' }),
    scopes: Type.Array(Type.String(), { description: 'of those asked for then, what the token has now' }),
  },
  { additionalProperties: false },
)
export type Elevation = Static<typeof Elevation>

/**
 * A line of the decision log that says what was decided, written before any effect. Names are those of
 * OPA's decision log where it has them. `input` and `result` are absent when the walk ended before them.
 */
export const DecisionRecord = Type.Object(
  {
    kind: Type.Literal('decision'),
    decision_id: Type.String({ description: 'UUIDv7' }),
    timestamp: Type.String({ description: 'RFC 3339' }),
    request_id: Type.String(),
    trace_id: Type.Optional(Type.String()),
    bundle: Type.Optional(Bundle),
    path: Type.Optional(Type.String({ description: 'the entrypoint' })),
    input: Type.Optional(Type.Unknown({ description: 'the policy input, masked' })),
    input_sha256: Type.Optional(Type.String({ description: 'of the unmasked input as JSON, keys in our order' })),
    result: Type.Optional(Type.Unknown({ description: 'the decision, masked; or {effect: "indeterminate", cause}' })),
    arguments_sha256: Type.Optional(Type.String()),
    listed: Type.Optional(Listed),
    enforced: Type.Optional(Type.Literal(false, { description: 'monitor mode let it pass' })),
    stage: Type.Optional(Type.String({ description: 'the step that refused' })),
    refusal: Type.Optional(Type.String({ description: 'code of the refusal' })),
    cause: Type.Optional(Type.String({ description: 'what the caller is not told' })),
    elevation: Type.Optional(Elevation),
    limits: Type.Optional(Type.Array(LimitState)),
    address: Type.Optional(Type.String({ description: 'of the peer, on refusals before a subject is known' })),
    erased: Type.Optional(Type.Array(Type.String(), { description: 'pointers that the mask removed' })),
    masked: Type.Optional(Type.Array(Type.String(), { description: 'pointers that the mask replaced' })),
    mask_failed: Type.Optional(Type.Literal(true)),
    metrics: Type.Record(Type.String(), Type.Number(), { description: 'microseconds per step' }),
  },
  { additionalProperties: false },
)
export type DecisionRecord = Static<typeof DecisionRecord>

/** The second line of a permitted call. A decision without one means that the process died. */
export const OutcomeRecord = Type.Object(
  {
    kind: Type.Literal('outcome'),
    decision_id: Type.String(),
    timestamp: Type.String(),
    status: OutcomeStatus,
    fault: Type.Optional(Type.String()),
    bytes: Type.Integer(),
    arguments_sha256: Type.Optional(Type.String()),
    duration: Type.Number({ description: 'microseconds from decision to end' }),
    charged: Type.Boolean({ description: 'false: what was reserved was given back' }),
  },
  { additionalProperties: false },
)
export type OutcomeRecord = Static<typeof OutcomeRecord>

export const LogRecord = Type.Union([DecisionRecord, OutcomeRecord])
export type LogRecord = Static<typeof LogRecord>
