/** What the change of a policy does to one question, the gravest first. */
export const CHANGE_KINDS = [
  'newly-allowed',
  'newly-visible',
  'limits-loosened',
  'obligations-widened',
  'indeterminate',
  'newly-denied',
  'newly-hidden',
  'limits-tightened',
  'obligations-narrowed',
  'scopes-changed',
  'reasons-only',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

export type Change = {
  readonly kind: ChangeKind
  /** What changed, for a person: figures, places, codes. Never a whole input. */
  readonly detail: string
}
