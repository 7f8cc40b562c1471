export const wallClock = () => new Date()
/** Milliseconds. */
export const monotonic = () => performance.now()
/** Microseconds. */
export const ticks = () => Math.round(performance.now() * 1000)
