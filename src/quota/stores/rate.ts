import type { Limit } from '../../model/decision.ts'
import type { Instant } from './instant.ts'
import { periodMs, type Release } from './period.ts'

/** What one call occupies: `took` milliseconds of the queue, up to `end`. */
type Held = { end: number; took: number }

/**
 * GCRA (ITU-T I.371): one number, the moment at which nothing is taken any more. No window edge, so no
 * double burst there, and the wait is exact.
 */
export type RateEntry = { readonly kind: 'rate'; empty: number; interval: number; readonly held: Held[] }

/** Smaller than any wait that matters, larger than what floating point loses. */
const TOLERANCE = 1e-3
/** Keeps the arithmetic finite for absurdly small limits. */
const SLOWEST = 1e15

const intervalOf = (limit: Limit, at: Instant): number =>
  Math.min(periodMs(limit.period, at.wall) / limit.limit, SLOWEST)

/** A burst of 0 means one call, whatever it costs. */
const burstOf = (limit: Limit): number => (limit.burst > 0 ? limit.burst : Math.max(1, limit.cost))

export const openRate = (limit: Limit, at: Instant): RateEntry => ({
  kind: 'rate',
  empty: at.elapsed,
  interval: intervalOf(limit, at),
  held: [],
})

/** A policy may change the figures of a limit that is in use: what is taken is kept, in units. */
export const adaptRate = (entry: RateEntry, limit: Limit, at: Instant): void => {
  const interval = intervalOf(limit, at)
  if (interval === entry.interval) return
  const scale = interval / entry.interval
  const rescale = (moment: number) => at.elapsed + Math.max(0, moment - at.elapsed) * scale
  for (const held of entry.held) {
    held.end = rescale(held.end)
    held.took *= scale
  }
  entry.empty = rescale(entry.empty)
  entry.interval = interval
}

export const waitForRate = (entry: RateEntry, limit: Limit, at: Instant): number => {
  const burst = burstOf(limit)
  if (limit.cost > burst) return Number.POSITIVE_INFINITY
  const wait = Math.max(entry.empty, at.elapsed) - at.elapsed + entry.interval * (limit.cost - burst)
  return wait > TOLERANCE ? wait : 0
}

export const takeRate = (entry: RateEntry, limit: Limit, at: Instant): Release => {
  const took = entry.interval * limit.cost
  entry.empty = Math.max(entry.empty, at.elapsed) + took
  const held = { end: entry.empty, took }
  while (entry.held[0] !== undefined && entry.held[0].end <= at.elapsed) entry.held.shift()
  entry.held.push(held)
  return (how, then) => {
    const index = entry.held.indexOf(held)
    if (index === -1) return
    entry.held.splice(index, 1)
    if (how === 'refund') giveBack(entry, held, index, then)
  }
}

/**
 * Gives back only what has not drained yet. A refund that gave back the whole cost after a while would
 * let the next call in early, on top of those that came since.
 */
const giveBack = (entry: RateEntry, own: Held, index: number, at: Instant): void => {
  const given = Math.min(own.took, Math.max(0, own.end - at.elapsed))
  entry.empty -= given
  for (const later of entry.held.slice(index)) later.end -= given
}

export const usedOfRate = (entry: RateEntry, at: Instant): number =>
  Math.ceil(Math.max(0, entry.empty - at.elapsed - TOLERANCE) / entry.interval)

export const leftOfRate = (entry: RateEntry, at: Instant): number => Math.max(0, entry.empty - at.elapsed)
