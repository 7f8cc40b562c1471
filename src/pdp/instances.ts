import { causeOf, type Instance } from './sdk.ts'

/**
 * One instance that evaluates and one in reserve. An exception out of WASM leaves its stack pointer where
 * it was, and about a thousand of them kill an instance (measured): so each one costs the instance.
 */
export type Instances = {
  /** The instance to evaluate on; undefined while a new one is being made. */
  readonly current: () => Instance | undefined
  /** Throws the current instance away and starts making another, off the request path. */
  readonly discard: () => void
  readonly restarts: () => number
  readonly lastFailure: () => string | undefined
  readonly close: () => void
}

export function createInstances(first: Instance, spare: Instance, make: () => Promise<Instance>): Instances {
  const ready: Instance[] = [first, spare]
  let restarts = 0
  let making = 0
  let closed = false
  let lastFailure: string | undefined

  async function refill(): Promise<void> {
    try {
      const instance = await make()
      if (!closed) ready.push(instance)
    } catch (thrown) {
      lastFailure = `no new instance: ${causeOf(thrown)}`
    } finally {
      making--
    }
  }

  function refillLater(): void {
    while (!closed && ready.length + making < 2) {
      making++
      setImmediate(() => void refill())
    }
  }

  return {
    // Also asks for a new one when making the last one failed, so that the engine recovers by itself.
    current: () => {
      if (ready.length === 0) refillLater()
      return ready[0]
    },
    discard: () => {
      ready.shift()
      restarts++
      refillLater()
    },
    restarts: () => restarts,
    lastFailure: () => lastFailure,
    // What is ready stays: a request that began with this policy ends with it, its log mask included.
    close: () => {
      closed = true
    },
  }
}
