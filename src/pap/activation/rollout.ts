import type { Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity, RolloutStatus } from '../../model/rollout.ts'

/** Brings policies in force, one change after the other. A failure leaves in force what was. */
export type Rollout = {
  readonly status: () => RolloutStatus
  /** Verifies a bundle as activation would, and keeps it as the candidate, which shadow evaluation uses. */
  readonly check: (packed: Uint8Array) => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
  /** Puts the candidate in force, if it still is the one with this digest. */
  readonly activate: (sha256: string) => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
  /** Puts the previous bundle in force again; the one it replaces is not taken from the source again. */
  readonly rollback: () => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
}
