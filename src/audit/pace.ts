/** True at most `perSecond` times a second, with a second's worth at once: a token bucket. */
export const createPace = (options: {
  readonly perSecond: number
  readonly monotonic: () => number
}): (() => boolean) => {
  const { perSecond, monotonic } = options
  let tokens = perSecond
  let since = monotonic()
  return () => {
    const now = monotonic()
    tokens = Math.min(perSecond, tokens + ((now - since) / 1000) * perSecond)
    since = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
