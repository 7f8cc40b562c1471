/** Runs something once, later, unless it is cancelled. */
export type Timer = (run: () => void, milliseconds: number) => () => void

export const systemTimer: Timer = (run, milliseconds) => {
  const handle = setTimeout(run, milliseconds)
  return () => clearTimeout(handle)
}

/** Settles like the promise, or rejects when it takes too long. The promise itself goes on. */
export const within = <T>(promise: Promise<T>, milliseconds: number, timer: Timer): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = timer(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
    promise.then(resolve, reject).finally(cancel)
  })
