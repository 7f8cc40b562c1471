/** A moment: `elapsed` never jumps, `wall` says where windows begin, `now` is for telling people. All in milliseconds. */
export type Instant = { readonly elapsed: number; readonly wall: number; readonly now: number }

export type Clocks = {
  /** Milliseconds, never backwards. */
  readonly monotonic: () => number
  readonly now: () => Date
}

/** Below this a clock that is behind was merely corrected: windows stand still until it is back. */
const CORRECTION = 1000

/**
 * Reads both clocks as one. `wall` follows the wall clock forwards (a machine that slept must see the new
 * day) and runs on by the monotonic one when the wall clock is set back, which would otherwise end a
 * window twice or hold it open for as long as the jump was.
 */
export const createInstants = ({ monotonic, now }: Clocks): (() => Instant) => {
  let elapsed = monotonic()
  let wall = now().getTime()
  return () => {
    const told = now().getTime()
    const reached = monotonic()
    const walked = wall + (reached - elapsed)
    wall = walked - told < CORRECTION ? Math.max(told, wall) : walked
    elapsed = reached
    return { elapsed, wall, now: told }
  }
}
