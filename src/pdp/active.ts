import type { Policy } from './engine.ts'

/** The policy in force. Evaluation is synchronous, so a swap never falls into the middle of a decision. */
export type Pdp = {
  readonly current: () => Policy
  /** Puts another policy in force and closes the one before. */
  readonly swap: (next: Policy) => void
  readonly previousRevision: () => string | undefined
}

export function createPdp(first: Policy): Pdp {
  let policy = first
  let previousRevision: string | undefined
  return {
    current: () => policy,
    swap: (next) => {
      const replaced = policy
      policy = next
      previousRevision = replaced.bundle.revision
      replaced.close()
    },
    previousRevision: () => previousRevision,
  }
}
