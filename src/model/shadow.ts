/** How often a candidate would have decided otherwise, in one way, for one kind of caller and call. */
export type ShadowDifference = {
  /** As `diff` names it. */
  readonly kind: string
  /** Codes of the rules that only one of the two policies gave as a reason. */
  readonly rule: string
  /** The tool; for what calls no tool, the action. */
  readonly tool: string
  /** All roles of the caller together. */
  readonly role: string
  readonly count: number
}

/** One request on which the two differ: its masked input and both masked decisions. */
export type ShadowExample = {
  readonly kinds: readonly string[]
  readonly decision_id: string
  readonly timestamp: string
  readonly input?: unknown
  readonly active: unknown
  readonly candidate: unknown
  readonly erased?: readonly string[]
  readonly masked?: readonly string[]
  readonly mask_failed?: true
}

type Bundle = { readonly revision: string; readonly sha256: string }

/** What a candidate would have decided on the live traffic since it became the candidate. */
export type ShadowReport = {
  readonly active: Bundle
  readonly candidate?: Bundle
  /** RFC 3339. */
  readonly since?: string
  readonly evaluated: number
  /** Requests on which the two differ. */
  readonly different: number
  /** Requests that were not evaluated: no room in the queue, or the candidate is too slow. */
  readonly dropped: number
  readonly waiting: number
  /** Why the candidate is evaluated no more: it took too long on a request, or had no decision too often. */
  readonly suspended?: 'too_slow' | 'no_decisions'
  readonly differences: readonly ShadowDifference[]
  readonly examples: readonly ShadowExample[]
}
