import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { createTurns } from '../../lib/turns.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity } from '../../model/rollout.ts'
import type { Pdp } from '../../pdp/active.ts'
import type { Offer, PolicySource } from '../source/source.ts'
import { createCandidate } from './candidate.ts'
import type { Contact } from './contact.ts'
import { createInForce } from './in-force.ts'
import type { KeptBundles } from './kept.ts'
import type { Releases } from './releases.ts'
import type { FollowingRollout, RolloutEvent } from './rollout.ts'
import type { Verified, Verify } from './verify.ts'

export type FollowingOptions = {
  readonly source: PolicySource
  /** Where a candidate comes from without anybody handing it in. */
  readonly candidateSource?: PolicySource
  readonly verify: Verify
  readonly kept: KeptBundles
  readonly maxAgeSeconds: number | undefined
  readonly now: () => Date
  readonly onEvent: (event: RolloutEvent) => void
}

/** What a rollout begins with. */
export type Beginning = {
  readonly pdp: Pdp
  readonly releases: Releases
  readonly contact: Contact
  /** Digest of the bundle that the source offered. */
  readonly offered: string | undefined
}

type Changed = Result<BundleIdentity, readonly PolicyFault[]>

/** Follows a source. Whatever changes what is in force takes its turn: there is one change at a time. */
export function createFollowingRollout(options: FollowingOptions, beginning: Beginning): FollowingRollout {
  const { source, candidateSource, maxAgeSeconds, onEvent } = options
  const { contact } = beginning
  const inForce = createInForce({ ...options, ...beginning, source: source.location })
  const candidate = createCandidate(inForce, onEvent)
  const inTurn = createTurns()
  const stopping = new AbortController()
  let { offered } = beginning
  let failures = 0
  let following: Promise<unknown> = Promise.resolve()

  function fail(state: 'refused' | 'unreachable', faults: readonly PolicyFault[]): void {
    const before = contact.status()
    contact.failed(state, faults)
    failures++
    // a source that stays away would fill the log
    if (JSON.stringify(before.faults) === JSON.stringify(faults)) return
    onEvent({ kind: 'failed', state: contact.status().state, faults })
  }

  async function takeBundle(packed: Uint8Array): Promise<void> {
    offered = sha256(packed)
    const { active, rejected } = inForce.releases()
    const isRejected = rejected.includes(offered)
    if (isRejected) contact.withheld(WITHHELD)
    if (offered === active.bundle.sha256) contact.confirmed()
    if (isRejected || offered === active.bundle.sha256) return inForce.keep()
    const verified = await inForce.verify(packed)
    if (!verified.ok) return fail('refused', verified.error)
    contact.confirmed()
    await inForce.put(verified.value, 'source')
  }

  async function take(offer: Offer): Promise<void> {
    switch (offer.kind) {
      case 'bundle':
        return takeBundle(offer.packed)
      case 'unchanged':
        contact.repeated()
        return inForce.keep()
      case 'refused':
      case 'unreachable':
        return fail(offer.kind, offer.faults)
    }
  }

  async function overrule(next: Verified, by: 'operator' | 'rollback'): Promise<Changed> {
    await inForce.put(next, by)
    if (offered === next.bundle.sha256) contact.overruled(undefined)
    else if (offered !== undefined && inForce.releases().rejected.includes(offered)) contact.overruled(WITHHELD)
    return ok(next.bundle)
  }

  async function activate(digest: string): Promise<Changed> {
    const next = candidate.release(digest)
    return next.ok ? overrule(next.value, 'operator') : next
  }

  async function rollback(): Promise<Changed> {
    const { previous } = inForce.releases()
    if (previous === undefined) return err([NOTHING_BEFORE])
    // its version may be lower: to go back is what the operator asks for
    const verified = await options.verify(previous.packed)
    return verified.ok ? overrule(verified.value, 'rollback') : verified
  }

  async function refresh(): Promise<void> {
    await take(await source.read(stopping.signal))
    if (candidateSource !== undefined) await candidate.take(await candidateSource.read(stopping.signal))
  }

  return {
    status: () => {
      const { active, previous } = inForce.releases()
      const next = candidate.current()
      return {
        active: { ...active.bundle, activated_at: active.activatedAt.toISOString() },
        ...(previous !== undefined && { previous: previous.bundle }),
        ...(next !== undefined && { candidate: next.bundle }),
        source: contact.status(),
      }
    },
    check: (packed) => inTurn(() => candidate.check(packed)),
    candidate: () => candidate.current()?.policy,
    activate: (digest) => inTurn(() => activate(digest)),
    rollback: () => inTurn(rollback),
    refresh: () => inTurn(refresh),
    follow: () => {
      const { signal } = stopping
      following = Promise.all([
        source.follow((offer) => inTurn(() => take(offer)), signal),
        candidateSource?.follow((offer) => inTurn(() => candidate.take(offer)), signal),
      ])
    },
    isExpired: () => maxAgeSeconds !== undefined && contact.ageSeconds() > maxAgeSeconds,
    counts: () => ({ activations: inForce.activations(), failures }),
    close: async () => {
      stopping.abort()
      await following
      await inTurn(async () => undefined)
    },
  }
}

export const WITHHELD: PolicyFault = {
  message: 'the bundle that the source offers was taken out of force by an operator',
  remedy: 'Publish another one',
}
const NOTHING_BEFORE: PolicyFault = {
  message: 'no bundle was in force before',
  remedy: 'Check and activate the bundle that should be in force',
}
