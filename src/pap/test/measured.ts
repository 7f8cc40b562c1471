import type { PolicyFault } from '../../model/policy-fault.ts'

/** How much of something tests reach, and by name what they do not. */
export type Measured = {
  readonly covered: number
  readonly total: number
  /** Rounded down: 100 only when nothing is missing. */
  readonly percent: number
  readonly uncovered: readonly PolicyFault[]
}

export function measured(total: number, uncovered: readonly PolicyFault[]): Measured {
  const covered = total - uncovered.length
  return { covered, total, percent: total === 0 ? 100 : Math.floor((1000 * covered) / total) / 10, uncovered }
}
