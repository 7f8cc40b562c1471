import type { Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity, RolloutStatus, SourceStatus } from '../../model/rollout.ts'
import type { Policy } from '../../pdp/engine.ts'

/** Brings policies in force, one change after the other. A failure leaves in force what was. */
export type Rollout = {
  readonly status: () => RolloutStatus
  /** Verifies a bundle as activation would, and keeps it as the candidate, which shadow evaluation uses. */
  readonly check: (packed: Uint8Array) => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
  /** The checked bundle, ready to decide beside the one in force. */
  readonly candidate: () => Policy | undefined
  /** Puts the candidate in force, if it still is the one with this digest. */
  readonly activate: (sha256: string) => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
  /** Puts the previous bundle in force again; the one it replaces is not taken from the source again. */
  readonly rollback: () => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
}

/** A rollout that also takes what its source offers. */
export type FollowingRollout = Rollout & {
  /** Takes what the source offers now. */
  readonly refresh: () => Promise<void>
  /** Takes what the source offers from now on. */
  readonly follow: () => void
  /** The source has not confirmed what is in force for longer than is allowed: nothing may be decided by it. */
  readonly isExpired: () => boolean
  readonly counts: () => RolloutCounts
  readonly close: () => Promise<void>
}

export type RolloutCounts = {
  readonly activations: number
  /** Times that what a source offers could not be brought in force, or that it could not be asked. */
  readonly failures: number
}

/** What happened, for the log. */
export type RolloutEvent =
  | { readonly kind: 'activated'; readonly by: 'source' | 'operator' | 'rollback'; readonly bundle: BundleIdentity }
  | {
      readonly kind: 'failed'
      readonly state: SourceStatus['state']
      readonly faults: readonly PolicyFault[]
    }
  | { readonly kind: 'not_kept'; readonly fault: PolicyFault }
  | { readonly kind: 'checked'; readonly bundle: BundleIdentity }
  | { readonly kind: 'candidate_refused'; readonly faults: readonly PolicyFault[] }
