import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPdp, type Pdp } from '../../pdp/active.ts'
import { downgradeFault } from '../bundle/manifest.ts'
import type { Offer } from '../source/source.ts'
import { type Contact, createContact } from './contact.ts'
import { createFollowingRollout, type FollowingOptions, WITHHELD } from './following.ts'
import type { KeptState } from './kept.ts'
import { persist, restore } from './persist.ts'
import { firstRelease, nextRelease, type Releases } from './releases.ts'
import type { FollowingRollout } from './rollout.ts'
import type { Verified } from './verify.ts'

export type OpenedRollout = { readonly pdp: Pdp; readonly rollout: FollowingRollout }

/** What is in force first, and what is known of what was in force before. */
type First = { readonly verified: Verified; readonly releases: Releases; readonly contact: Contact }

/**
 * Puts the first policy in force: what the source offers, or, when that is away or refused, the bundle that
 * was kept on disk, which passes the same checks again. Without either there is nothing to decide by.
 */
export async function openRollout(options: FollowingOptions): Promise<Result<OpenedRollout, readonly PolicyFault[]>> {
  const { source, kept, onEvent } = options
  const read = await stateOf(options)
  if (!read.ok) return err([read.error])
  const state = read.value
  const offer = await source.read(new AbortController().signal)
  const offered = offer.kind === 'bundle' ? sha256(offer.packed) : undefined
  const fromSource = await takeOffer(offer, state, options)
  const first = fromSource.ok ? fromSource : await takeKept(fromSource.error, offer, state, options)
  if (!first.ok) return first
  const { verified, releases, contact } = first.value

  const pdp = createPdp(verified.policy)
  const written = await persist(releases, kept, source.location, contact.confirmedAt())
  if (!written.ok) onEvent({ kind: 'not_kept', fault: written.error })
  return ok({ pdp, rollout: createFollowingRollout(options, { pdp, releases, contact, offered }) })
}

/** Of another source nothing that is kept is true. */
async function stateOf({ kept, source }: FollowingOptions): Promise<Result<KeptState | undefined, PolicyFault>> {
  const read = await kept.state()
  return read.ok && read.value?.source !== source.location ? ok(undefined) : read
}

type Taken = Promise<Result<First, readonly PolicyFault[]>>

async function takeOffer(offer: Offer, state: KeptState | undefined, options: FollowingOptions): Taken {
  if (offer.kind !== 'bundle') return err(offer.kind === 'unchanged' ? [] : offer.faults)
  const digest = sha256(offer.packed)
  if (state?.rejected.includes(digest) === true) return err([WITHHELD])
  const checked = await options.verify(offer.packed)
  if (!checked.ok) return checked
  const verified = checked.value
  const isKept = digest === state?.active.sha256
  // what was in force last may be older than another one was: someone rolled back to it
  const fault = isKept ? undefined : downgradeFault(verified.bundle, state?.floor)
  if (fault !== undefined) {
    verified.policy.close()
    return err([fault])
  }
  const { source, now } = options
  const before = state === undefined ? undefined : await restore(state, options.kept, offer.packed)
  const releases = !before?.ok
    ? firstRelease(verified, now(), state?.floor)
    : isKept
      ? before.value
      : nextRelease(before.value, verified, 'source', now())
  return ok({ verified, releases, contact: createContact({ source, now, confirmedAt: now(), isKept: false }) })
}

async function takeKept(
  faults: readonly PolicyFault[],
  offer: Offer,
  state: KeptState | undefined,
  options: FollowingOptions,
): Taken {
  if (state === undefined) return err(faults)
  const { source, now, maxAgeSeconds, onEvent } = options
  const contact = createContact({ source, now, confirmedAt: new Date(state.confirmed_at), isKept: true })
  if (faults.includes(WITHHELD)) contact.withheld(WITHHELD)
  else contact.failed(offer.kind === 'unreachable' ? 'unreachable' : 'refused', faults)
  if (maxAgeSeconds !== undefined && contact.ageSeconds() > maxAgeSeconds) {
    return err([...faults, tooOld(contact.ageSeconds(), maxAgeSeconds)])
  }
  const releases = await restore(state, options.kept)
  if (!releases.ok) return err([...faults, releases.error])
  const verified = await options.verify(releases.value.active.packed)
  if (!verified.ok) return err([...faults, ...verified.error])
  onEvent({ kind: 'failed', state: 'last_good', faults })
  return ok({ verified: verified.value, releases: releases.value, contact })
}

const tooOld = (age: number, maxAge: number): PolicyFault => ({
  message: `the bundle kept on disk was confirmed ${age} seconds ago; policy.max_age_seconds is ${maxAge}`,
  remedy: 'Make the policy source reachable',
})
