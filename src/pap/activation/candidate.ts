import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity } from '../../model/rollout.ts'
import { downgradeFault } from '../bundle/manifest.ts'
import type { Offer } from '../source/source.ts'
import type { InForce } from './in-force.ts'
import type { RolloutEvent } from './rollout.ts'
import type { Verified } from './verify.ts'

/** The bundle that may come in force next. */
export type Candidate = {
  readonly current: () => Verified | undefined
  readonly check: (packed: Uint8Array) => Promise<Result<BundleIdentity, readonly PolicyFault[]>>
  /** As `check`, of what a source offers. */
  readonly take: (offer: Offer) => Promise<void>
  /** Hands it over, if it still is the one with this digest. */
  readonly release: (digest: string) => Result<Verified, readonly PolicyFault[]>
}

export function createCandidate(inForce: InForce, onEvent: (event: RolloutEvent) => void): Candidate {
  let candidate: Verified | undefined

  const check: Candidate['check'] = async (packed) => {
    const verified = await inForce.verify(packed)
    if (!verified.ok) return verified
    candidate?.policy.close()
    candidate = verified.value
    onEvent({ kind: 'checked', bundle: candidate.bundle })
    return ok(candidate.bundle)
  }

  const isKnown = (packed: Uint8Array): boolean =>
    [candidate?.bundle.sha256, inForce.releases().active.bundle.sha256].includes(sha256(packed))

  const take: Candidate['take'] = async (offer) => {
    if (offer.kind === 'unchanged' || (offer.kind === 'bundle' && isKnown(offer.packed))) return
    const checked = offer.kind === 'bundle' ? await check(offer.packed) : err(offer.faults)
    if (!checked.ok) onEvent({ kind: 'candidate_refused', faults: checked.error })
  }

  const release: Candidate['release'] = (digest) => {
    if (candidate?.bundle.sha256 !== digest) return err([NOT_THE_CANDIDATE])
    // a newer one may have come in force since it was checked
    const fault = downgradeFault(candidate.bundle, inForce.releases().floor)
    if (fault !== undefined) return err([fault])
    const released = candidate
    candidate = undefined
    return ok(released)
  }

  return { current: () => candidate, check, take, release }
}

const NOT_THE_CANDIDATE: PolicyFault = {
  message: 'the candidate is another bundle, or there is none',
  remedy: 'Check the bundle first; `portcullis rollout status` names the candidate',
}
