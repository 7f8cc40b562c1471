import type { Limit } from '../../model/decision.ts'
import type { Instant } from './instant.ts'
import { type Release, windowAt } from './period.ts'

/** A counter that begins anew with each aligned UTC window. `turn` tells one window from the next. */
export type WindowEntry = { readonly kind: 'window'; start: number; end: number; used: number; turn: number }

/** Fractional costs must not refuse at the limit for what floating point loses. */
const TOLERANCE = 1e-9

export const openWindow = (limit: Limit, at: Instant): WindowEntry => ({
  kind: 'window',
  ...windowAt(limit.period, at.wall),
  used: 0,
  turn: 0,
})

/** Turns to the next window when this one is over. Another period keeps what is used: a change of policy is no reset. */
export const adaptWindow = (entry: WindowEntry, limit: Limit, at: Instant): void => {
  const over = entry.end <= at.wall
  const { start, end } = windowAt(limit.period, at.wall)
  if (!over && end === entry.end) return
  if (over) {
    entry.used = 0
    entry.turn += 1
  }
  entry.start = start
  entry.end = end
}

export const waitForWindow = (entry: WindowEntry, limit: Limit, at: Instant): number => {
  if (limit.cost > limit.limit) return Number.POSITIVE_INFINITY
  return entry.used + limit.cost <= limit.limit + TOLERANCE ? 0 : entry.end - at.wall
}

export const takeWindow = (entry: WindowEntry, limit: Limit): Release => {
  const { turn } = entry
  const { cost } = limit
  entry.used += cost
  return (how) => {
    if (how === 'refund' && entry.turn === turn) entry.used = Math.max(0, entry.used - cost)
  }
}

export const usedOfWindow = (entry: WindowEntry, at: Instant): number => (entry.end <= at.wall ? 0 : entry.used)

export const leftOfWindow = (entry: WindowEntry, at: Instant): number => Math.max(0, entry.end - at.wall)
