import type { Result } from '../../lib/result.ts'
import type { Limit } from '../../model/decision.ts'
import type { LimitState } from '../../model/grant.ts'

export type Reserved = { readonly states: readonly LimitState[] }

export type NotReserved =
  /** A limit does not hold. Nothing was taken from any. `exhausted` is the one with the longest wait. */
  | { readonly kind: 'exhausted'; readonly exhausted: LimitState; readonly states: readonly LimitState[] }
  /** The store cannot count. Nothing was taken. `cause` is for operators. */
  | { readonly kind: 'unavailable'; readonly cause: string }

export type KeyedState = LimitState & { readonly key: readonly string[] }

export type StoreHealth = { readonly available: boolean; readonly keys: number; readonly max_keys: number }

/** A store that counts in this process answers at once. */
export type Soon<T> = T | Promise<T>

/**
 * Counts. Knows nothing of policies, tools or subjects: a limit is its figures, its name and its key.
 *
 * `reserve` takes from every limit or from none, once per decision id until that id is settled; a shadow
 * limit is counted but never refuses. `commit` and `refund` settle: both end leases, `refund` also gives
 * back what was taken. What is never settled stays charged, and its lease expires.
 */
export type LimitStore = {
  readonly reserve: (decisionId: string, limits: readonly Limit[]) => Soon<Result<Reserved, NotReserved>>
  readonly commit: (decisionId: string) => Soon<void>
  readonly refund: (decisionId: string) => Soon<void>
  /** Every counter whose key begins with `prefix`. */
  readonly peek: (prefix: readonly string[]) => Soon<readonly KeyedState[]>
  /** Forgets those counters, or only those of the limit `name`; answers how many. */
  readonly reset: (prefix: readonly string[], name?: string) => Soon<number>
  readonly health: () => Soon<StoreHealth>
}
