import type { BundleIdentity } from '../../model/rollout.ts'
import type { KeptState } from './kept.ts'
import type { Verified } from './verify.ts'

/** A bundle that is or was in force, as it can be verified again. */
export type Release = Pick<Verified, 'bundle' | 'packed'>

/** Which bundles are and were in force, and which may not come back. One that replaces another is a new value. */
export type Releases = {
  readonly active: Release & { readonly activatedAt: Date }
  readonly previous?: Release
  /** Digests that operators took out of force since the source brought one in force. */
  readonly rejected: readonly string[]
  /** The highest version that was in force. */
  readonly floor?: number
}

export function firstRelease({ bundle, packed }: Verified, activatedAt: Date, floor?: number): Releases {
  return { active: { bundle, packed, activatedAt }, rejected: [], ...floorOf(floor, bundle) }
}

const MAX_REJECTED = 100

/** `by` an operator, what is replaced does not come back from the source, until the source offers another. */
export function nextRelease(
  { active, rejected, floor }: Releases,
  { bundle, packed }: Verified,
  by: 'source' | 'operator',
  activatedAt: Date,
): Releases {
  return {
    active: { bundle, packed, activatedAt },
    previous: { bundle: active.bundle, packed: active.packed },
    rejected:
      by === 'source'
        ? []
        : [...rejected, active.bundle.sha256].filter((digest) => digest !== bundle.sha256).slice(-MAX_REJECTED),
    ...floorOf(floor, bundle),
  }
}

const floorOf = (floor: number | undefined, { version }: BundleIdentity): Pick<Releases, 'floor'> => {
  const versions = [floor, version].filter((known) => known !== undefined)
  return versions.length === 0 ? {} : { floor: Math.max(...versions) }
}

export const toKeptState = (
  { active, previous, rejected, floor }: Releases,
  source: string,
  confirmedAt: Date,
): KeptState => ({
  source,
  active: { ...active.bundle, activated_at: active.activatedAt.toISOString() },
  ...(previous !== undefined && { previous: previous.bundle }),
  rejected: [...rejected],
  ...(floor !== undefined && { floor }),
  confirmed_at: confirmedAt.toISOString(),
})
