import type { Limit } from '../../model/decision.ts'
import type { Instant } from './instant.ts'
import { periodMs, type Release } from './period.ts'

type Lease = { readonly cost: number; readonly until: number }

/** Calls in flight. A call that is never settled frees its place when its lease expires. */
export type LeaseEntry = {
  readonly kind: 'concurrency'
  readonly leases: Set<Lease>
  used: number
  soonest: number
  latest: number
}

const TOLERANCE = 1e-9
/** A place is free when some call ends, which nobody knows; its lease is only the latest moment. */
const ASK_AGAIN = 1000

export const openLeases = (): LeaseEntry => ({
  kind: 'concurrency',
  leases: new Set(),
  used: 0,
  soonest: Number.POSITIVE_INFINITY,
  latest: 0,
})

/** Drops expired leases. Looks at them only when one has expired. */
export const expireLeases = (entry: LeaseEntry, at: Instant): void => {
  if (at.elapsed < entry.soonest) return
  entry.soonest = Number.POSITIVE_INFINITY
  for (const lease of entry.leases) {
    if (lease.until <= at.elapsed) end(entry, lease)
    else entry.soonest = Math.min(entry.soonest, lease.until)
  }
}

const end = (entry: LeaseEntry, lease: Lease): void => {
  if (!entry.leases.delete(lease)) return
  entry.used = entry.leases.size === 0 ? 0 : entry.used - lease.cost
}

export const waitForLease = (entry: LeaseEntry, limit: Limit): number => {
  if (limit.cost > limit.limit) return Number.POSITIVE_INFINITY
  return entry.used + limit.cost <= limit.limit + TOLERANCE ? 0 : ASK_AGAIN
}

export const takeLease = (entry: LeaseEntry, limit: Limit, at: Instant): Release => {
  const lease = { cost: limit.cost, until: at.elapsed + periodMs(limit.period, at.wall) }
  entry.leases.add(lease)
  entry.used += lease.cost
  entry.soonest = Math.min(entry.soonest, lease.until)
  entry.latest = Math.max(entry.latest, lease.until)
  return () => end(entry, lease)
}

export const leftOfLeases = (entry: LeaseEntry, at: Instant): number =>
  entry.leases.size === 0 ? 0 : Math.max(0, entry.latest - at.elapsed)
