/** Two clocks that only a test moves. */
export type TestClocks = {
  readonly monotonic: () => number
  readonly now: () => Date
  /** Time passes on both. */
  readonly advance: (milliseconds: number) => void
  /** The wall clock alone is set. */
  readonly jump: (milliseconds: number) => void
}

export const createClocks = (start = '2026-11-22T10:00:00.000Z'): TestClocks => {
  let elapsed = 5000
  let wall = Date.parse(start)
  return {
    monotonic: () => elapsed,
    now: () => new Date(wall),
    advance: (milliseconds) => {
      elapsed += milliseconds
      wall += milliseconds
    },
    jump: (milliseconds) => {
      wall += milliseconds
    },
  }
}
