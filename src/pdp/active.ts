import type { Policy } from './engine.ts'

/** What one request holds of the policy in force. */
export type Lease = {
  /** The policy in force when it was first asked for; the same one ever after. */
  readonly policy: () => Policy
  readonly end: () => void
}

/** The policy in force. Evaluation is synchronous, so a swap never falls into the middle of a decision. */
export type Pdp = {
  readonly current: () => Policy
  /** For one request, so that all it asks is answered by one policy, a list as well as its items. */
  readonly lease: () => Lease
  /** Puts another policy in force; the one before is closed when no request holds it any more. */
  readonly swap: (next: Policy) => void
  /** Told after every swap. */
  readonly onSwap: (listener: () => void) => void
}

type Held = { readonly policy: Policy; holders: number }

export function createPdp(first: Policy): Pdp {
  let active: Held = { policy: first, holders: 0 }
  const listeners: (() => void)[] = []

  const closeWhenIdle = (held: Held): void => {
    if (held !== active && held.holders === 0) held.policy.close()
  }

  function lease(): Lease {
    let held: Held | undefined
    return {
      policy: () => {
        if (held === undefined) {
          held = active
          held.holders++
        }
        return held.policy
      },
      end: () => {
        if (held === undefined) return
        held.holders--
        closeWhenIdle(held)
      },
    }
  }

  return {
    current: () => active.policy,
    lease,
    swap: (next) => {
      const replaced = active
      active = { policy: next, holders: 0 }
      closeWhenIdle(replaced)
      for (const listener of listeners) listener()
    },
    onSwap: (listener) => {
      listeners.push(listener)
    },
  }
}
