import { momentOf } from '../../lib/moment.ts'
import type { Context } from '../../model/input.ts'

/** A Wednesday, at noon. */
const NOON = Date.UTC(2026, 0, 7, 12)
const HOUR_MS = 3_600_000
const HOURS_A_WEEK = 168
const MAX_FIGURES = 32
/** Above any hour, weekday or minute: a figure that large may be a size. */
const LEAST_SIZE = 60
/** Above any size: a figure that large may be a time. */
const LEAST_UNIX = 1_000_000_000

/** When nothing else is asked for. */
export const USUAL: Context = contextAt(NOON, {})

/** Every hour of a week, both eras, and sizes and times around the figures that the policies name. */
export function circumstances(figures: readonly number[]): readonly Context[] {
  const sizes = figures.filter((figure) => figure > LEAST_SIZE && figure < LEAST_UNIX).slice(0, MAX_FIGURES)
  const times = figures.filter((figure) => figure >= LEAST_UNIX && figure < 10 * LEAST_UNIX).slice(0, MAX_FIGURES)
  const minutes = figures.filter((figure) => figure < LEAST_SIZE && Number.isInteger(figure)).slice(0, MAX_FIGURES)
  return [
    contextAt(NOON, { era: 'modern', protocol_version: '2026-07-28' }),
    ...[0, 1, LEAST_UNIX, ...sizes.flatMap((size) => [size - 1, size, size + 1])].map((bytes) =>
      contextAt(NOON, { bytes: Math.max(0, Math.floor(bytes)) }),
    ),
    ...Array.from({ length: HOURS_A_WEEK }, (_, hour) => contextAt(NOON + hour * HOUR_MS, {})),
    ...minutes.map((minute) => contextAt(NOON + minute * 60_000, {})),
    ...times.flatMap((unix) => [unix - 1, unix, unix + 1]).map((unix) => contextAt(unix * 1000, {})),
  ]
}

function contextAt(milliseconds: number, change: Partial<Context>): Context {
  return {
    ...momentOf(new Date(milliseconds)),
    request_id: '00000000-0000-7000-8000-000000000000',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 200,
    ...change,
  }
}
