import type { PolicyFault } from '../../model/policy-fault.ts'
import type { SourceStatus } from '../../model/rollout.ts'

/** What a source says when it is asked. */
export type Offer =
  | { readonly kind: 'bundle'; readonly packed: Uint8Array }
  /** Since the last bundle that it offered. */
  | { readonly kind: 'unchanged' }
  /** The source answers, but there is no bundle to be had of it. */
  | { readonly kind: 'refused'; readonly faults: readonly PolicyFault[] }
  | { readonly kind: 'unreachable'; readonly faults: readonly PolicyFault[] }

/** Where policy comes from. Asking never throws. */
export type PolicySource = {
  readonly kind: SourceStatus['kind']
  readonly location: string
  /** What it has now, changed or not. */
  readonly read: (signal: AbortSignal) => Promise<Offer>
  /** Hands over what it has whenever that may have changed, one after the other, until the signal. */
  readonly follow: (take: (offer: Offer) => Promise<void>, signal: AbortSignal) => Promise<void>
}

export const unreachable = (message: string, remedy: string): Offer => ({
  kind: 'unreachable',
  faults: [{ message, remedy }],
})
