import type { Timer } from '../../lib/deadline.ts'

/** Resolves after some time, or at once when the signal comes. */
export const wait = (milliseconds: number, timer: Timer, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = timer(done, milliseconds)
    signal.addEventListener('abort', done)
  })
