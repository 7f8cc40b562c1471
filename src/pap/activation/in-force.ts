import { err, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Pdp } from '../../pdp/active.ts'
import { downgradeFault } from '../bundle/manifest.ts'
import type { Contact } from './contact.ts'
import type { KeptBundles } from './kept.ts'
import { persist } from './persist.ts'
import { nextRelease, type Releases } from './releases.ts'
import type { RolloutEvent } from './rollout.ts'
import type { Verified, Verify } from './verify.ts'

/** The one place where what is in force changes. */
export type InForce = {
  readonly releases: () => Releases
  readonly activations: () => number
  /** Every check, the order of releases included. */
  readonly verify: Verify
  readonly put: (next: Verified, by: 'source' | 'operator' | 'rollback') => Promise<void>
  /** Writes down what is in force, and when its source confirmed it. */
  readonly keep: () => Promise<void>
}

export function createInForce(options: {
  readonly pdp: Pdp
  readonly releases: Releases
  readonly contact: Contact
  readonly kept: KeptBundles
  readonly source: string
  readonly verify: Verify
  readonly now: () => Date
  readonly onEvent: (event: RolloutEvent) => void
}): InForce {
  const { pdp, contact, kept, source, now, onEvent } = options
  let { releases } = options
  let activations = 1

  async function keep(): Promise<void> {
    const written = await persist(releases, kept, source, contact.confirmedAt())
    if (!written.ok) onEvent({ kind: 'not_kept', fault: written.error })
  }

  async function verify(packed: Uint8Array): Promise<Result<Verified, readonly PolicyFault[]>> {
    const verified = await options.verify(packed)
    if (!verified.ok) return verified
    const fault = downgradeFault(verified.value.bundle, releases.floor)
    if (fault === undefined) return verified
    verified.value.policy.close()
    return err([fault])
  }

  async function put(next: Verified, by: 'source' | 'operator' | 'rollback'): Promise<void> {
    pdp.swap(next.policy)
    releases = nextRelease(releases, next, by === 'source' ? 'source' : 'operator', now())
    activations++
    onEvent({ kind: 'activated', by, bundle: next.bundle })
    await keep()
  }

  return { releases: () => releases, activations: () => activations, verify, put, keep }
}
