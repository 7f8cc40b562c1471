import { type Static, Type } from 'typebox'

/** Why, in words fixed by the policy: never an input value. */
export const Reason = Type.Object({ code: Type.String(), message: Type.String() }, { additionalProperties: false })
export type Reason = Static<typeof Reason>

/** A limit that must hold. The policy names it, the limit store counts it. */
export const Limit = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    key: Type.Array(Type.String(), { minItems: 3, maxItems: 16, description: 'begins issuer, tenant, subject id' }),
    kind: Type.Union([Type.Literal('rate'), Type.Literal('window'), Type.Literal('concurrency')]),
    limit: Type.Number({ minimum: 0, maximum: 1e9 }),
    period: Type.Union(
      [Type.Number({ exclusiveMinimum: 0, maximum: 366 * 86_400 }), Type.Literal('day'), Type.Literal('month')],
      {
        description: 'seconds; for a window also "day" or "month", UTC. For concurrency: when a lease expires',
      },
    ),
    burst: Type.Number({ minimum: 0, maximum: 1e9, description: 'rate only: how many may come at once; 0 means 1' }),
    cost: Type.Number({ minimum: 0, maximum: 1e9 }),
    on_store_error: Type.Union([Type.Literal('deny'), Type.Literal('local')]),
    shadow: Type.Boolean({ description: 'counted and recorded, never enforced' }),
  },
  { additionalProperties: false },
)
export type Limit = Static<typeof Limit>

const Prefixes = Type.Array(Type.Array(Type.String()))

/** The part of the workspace that a tool gets: prefixes as segments, and names closed at any depth. */
export const Confine = Type.Object(
  { type: Type.Literal('confine'), read: Prefixes, write: Prefixes, never: Type.Array(Type.String()) },
  { additionalProperties: false },
)
export type Confine = Static<typeof Confine>

/** What the PEP must do when it permits. One that it does not know makes the whole decision malformed. */
export const Obligation = Confine
export type Obligation = Static<typeof Obligation>

/** The answer of entrypoint `mcp/main/decision`. */
export const Decision = Type.Object(
  {
    effect: Type.Union([Type.Literal('permit'), Type.Literal('deny')]),
    visible: Type.Boolean({ description: 'false: answered as if the resource did not exist' }),
    reasons: Type.Array(Reason),
    scopes: Type.Array(Type.String(), {
      description: 'all this operation needs; only when their absence is the sole reason',
    }),
    limits: Type.Array(Limit),
    obligations: Type.Array(Obligation),
  },
  { additionalProperties: false },
)
export type Decision = Static<typeof Decision>

/** No usable decision: always refused, never taken for a denial. */
export type Indeterminate = {
  readonly effect: 'indeterminate'
  readonly code: 'no_decision' | 'input_too_large'
  /** For the record and `/readyz`, never for the caller. */
  readonly cause: string
}
export type Decided = Decision | Indeterminate
