import type { Limit } from '../../model/decision.ts'
import type { Instant } from './instant.ts'

/** Ends what one call took: keeps it, or gives it back. Leases end either way. */
export type Release = (how: 'commit' | 'refund', at: Instant) => void

const DAY = 86_400_000

/** The aligned UTC window that `wall` lies in. */
export const windowAt = (period: Limit['period'], wall: number): { readonly start: number; readonly end: number } => {
  if (period === 'month') {
    const date = new Date(wall)
    const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1)
    return { start: month(0), end: month(1) }
  }
  const length = period === 'day' ? DAY : period * 1000
  const start = Math.floor(wall / length) * length
  return { start, end: start + length }
}

export const periodMs = (period: Limit['period'], wall: number): number => {
  if (typeof period === 'number') return period * 1000
  if (period === 'day') return DAY
  const { start, end } = windowAt(period, wall)
  return end - start
}
