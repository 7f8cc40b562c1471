export type Pace = {
  /** Milliseconds until it is asked again after it answered. */
  readonly poll: () => number
  /** Milliseconds until it is asked again after it failed, for the n-th time in a row. */
  readonly retry: (failures: number) => number
}

/**
 * Spread at random, so that a fleet that lost its source together does not come back together; the bounds
 * are those of OPA's `min_delay_seconds` and `max_delay_seconds`.
 */
export function createPace(options: {
  readonly minMs: number
  readonly maxMs: number
  /** In [0, 1). */
  readonly random: () => number
}): Pace {
  const { minMs, maxMs, random } = options
  const between = (least: number, most: number) => Math.floor(least + random() * (most - least))
  return {
    poll: () => between(minMs, maxMs),
    retry: (failures) => between(minMs, Math.min(maxMs, minMs * 2 ** Math.min(failures, 30))),
  }
}
