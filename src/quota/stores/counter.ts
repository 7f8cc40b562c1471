import type { Limit } from '../../model/decision.ts'
import type { LimitState } from '../../model/grant.ts'
import type { Instant } from './instant.ts'
import { expireLeases, type LeaseEntry, leftOfLeases, openLeases, takeLease, waitForLease } from './leases.ts'
import { periodMs, type Release } from './period.ts'
import { adaptRate, leftOfRate, openRate, type RateEntry, takeRate, usedOfRate, waitForRate } from './rate.ts'
import {
  adaptWindow,
  leftOfWindow,
  openWindow,
  takeWindow,
  usedOfWindow,
  type WindowEntry,
  waitForWindow,
} from './window.ts'

export type Entry = RateEntry | WindowEntry | LeaseEntry

/** Names one counter. As JSON, so that no name or key can run into its neighbour. */
export const counterKey = (limit: Limit): string => JSON.stringify([limit.kind, limit.name, ...limit.key])

export const openEntry = (limit: Limit, at: Instant): Entry => {
  switch (limit.kind) {
    case 'rate':
      return openRate(limit, at)
    case 'window':
      return openWindow(limit, at)
    case 'concurrency':
      return openLeases()
  }
}

/** Brings an entry up to the moment and to the figures of the limit, before anything is read from it. */
export const adapt = (entry: Entry, limit: Limit, at: Instant): void => {
  switch (entry.kind) {
    case 'rate':
      // A limit of 0 has no interval; what is taken stays as it was.
      if (limit.limit > 0) adaptRate(entry, limit, at)
      break
    case 'window':
      adaptWindow(entry, limit, at)
      break
    case 'concurrency':
      expireLeases(entry, at)
      break
  }
}

/** Milliseconds until the cost is admitted: 0 now, Infinity never. */
export const waitFor = (entry: Entry, limit: Limit, at: Instant): number => {
  if (limit.limit === 0) return Number.POSITIVE_INFINITY
  if (limit.cost === 0) return 0
  switch (entry.kind) {
    case 'rate':
      return waitForRate(entry, limit, at)
    case 'window':
      return waitForWindow(entry, limit, at)
    case 'concurrency':
      return waitForLease(entry, limit)
  }
}

export const take = (entry: Entry, limit: Limit, at: Instant): Release => {
  switch (entry.kind) {
    case 'rate':
      return takeRate(entry, limit, at)
    case 'window':
      return takeWindow(entry, limit)
    case 'concurrency':
      return takeLease(entry, limit, at)
  }
}

const used = (entry: Entry, at: Instant): number => {
  switch (entry.kind) {
    case 'rate':
      return usedOfRate(entry, at)
    case 'window':
      return usedOfWindow(entry, at)
    case 'concurrency':
      return entry.used
  }
}

const left = (entry: Entry, at: Instant): number => {
  switch (entry.kind) {
    case 'rate':
      return leftOfRate(entry, at)
    case 'window':
      return leftOfWindow(entry, at)
    case 'concurrency':
      return leftOfLeases(entry, at)
  }
}

/** True when the entry says no more than a fresh one would: only then may it be forgotten. */
export const isFresh = (entry: Entry, at: Instant): boolean => {
  switch (entry.kind) {
    case 'rate':
      return entry.empty <= at.elapsed
    case 'window':
      return entry.end <= at.wall || entry.used === 0
    case 'concurrency':
      expireLeases(entry, at)
      return entry.leases.size === 0
  }
}

/** The last moment RFC 3339 can write. */
const LATEST = Date.UTC(9999, 11, 31)

export const stateOf = (entry: Entry, limit: Limit, at: Instant): LimitState => {
  const wait = waitFor(entry, limit, at)
  const period = periodMs(limit.period, at.wall)
  return {
    name: limit.name,
    kind: limit.kind,
    limit: limit.limit,
    used: used(entry, at),
    period_seconds: period / 1000,
    resets_at: new Date(Math.min(LATEST, Math.ceil(at.now + left(entry, at)))).toISOString(),
    // Never admitted: whoever comes back after a whole period still does no harm.
    retry_after_seconds: Math.ceil((Number.isFinite(wait) ? Math.min(wait, LATEST) : period) / 1000),
    shadow: limit.shadow,
  }
}
