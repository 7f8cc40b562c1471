import { type Static, Type } from 'typebox'

/** How a limit stands for one key, as callers, headers, records and `portcullis quota` show it. */
export const LimitState = Type.Object(
  {
    name: Type.String(),
    kind: Type.Union([Type.Literal('rate'), Type.Literal('window'), Type.Literal('concurrency')]),
    limit: Type.Number(),
    used: Type.Number({ description: 'what is taken, this call included when it was admitted' }),
    period_seconds: Type.Number(),
    resets_at: Type.String({ description: 'RFC 3339: when nothing is taken any more' }),
    retry_after_seconds: Type.Integer({ minimum: 0, description: '0 when a call would be admitted now' }),
    shadow: Type.Boolean(),
  },
  { additionalProperties: false },
)
export type LimitState = Static<typeof LimitState>

/** What the limit store reserved for one decision: every limit that it names, or none. */
export type Grant = {
  readonly decisionId: string
  readonly states: readonly LimitState[]
  /** Keeps what was reserved and ends leases. */
  readonly commit: () => Promise<void>
  /** Gives back what was reserved and ends leases. */
  readonly refund: () => Promise<void>
}
