import { LRUCache } from 'lru-cache'

const MINUTE = 60_000

/**
 * How often the requests of one subject may break an instance within a minute. Each break costs a new
 * instance, so without a bound one caller could keep the engine rebuilding.
 */
export type TrapBudget = {
  readonly isSpent: (subject: string) => boolean
  readonly note: (subject: string) => void
}

export function createTrapBudget(options: { perMinute: number; now: () => number }): TrapBudget {
  const windows = new LRUCache<string, { readonly start: number; traps: number }>({ max: 10_000 })

  function windowOf(subject: string) {
    const window = windows.get(subject)
    return window !== undefined && options.now() - window.start < MINUTE ? window : undefined
  }

  return {
    isSpent: (subject) => (windowOf(subject)?.traps ?? 0) >= options.perMinute,
    note: (subject) => {
      const window = windowOf(subject)
      if (window === undefined) windows.set(subject, { start: options.now(), traps: 1 })
      else window.traps++
    },
  }
}
