import { sha256 } from '../../lib/digest.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity } from '../../model/rollout.ts'
import type { KeptBundles, KeptState } from './kept.ts'
import { type Release, type Releases, toKeptState } from './releases.ts'

/** What was in force when the process ended. A bundle that is at hand is not looked for on the disk. */
export async function restore(
  { active, previous, rejected, floor }: KeptState,
  kept: KeptBundles,
  atHand?: Uint8Array,
): Promise<Result<Releases, PolicyFault>> {
  const load = async ({ revision, sha256: digest, version }: BundleIdentity): Promise<Result<Release, PolicyFault>> => {
    const packed = atHand !== undefined && sha256(atHand) === digest ? ok(atHand) : await kept.bundle(digest)
    if (!packed.ok) return packed
    return ok({ bundle: { revision, sha256: digest, ...(version !== undefined && { version }) }, packed: packed.value })
  }
  const last = await load(active)
  if (!last.ok) return last
  const before = previous === undefined ? undefined : await load(previous)
  return ok({
    active: { ...last.value, activatedAt: new Date(active.activated_at) },
    // without it there is one less to roll back to, and no reason not to start
    ...(before?.ok && { previous: before.value }),
    rejected,
    ...(floor !== undefined && { floor }),
  })
}

/** The bytes of what is in force and of what was before it. */
const packedOf = ({ active, previous }: Releases): readonly Uint8Array[] => [
  active.packed,
  ...(previous === undefined ? [] : [previous.packed]),
]

/** Keeps them on disk. What cannot be kept is in force all the same. */
export const persist = (
  releases: Releases,
  kept: KeptBundles,
  source: string,
  confirmedAt: Date,
): Promise<Result<void, PolicyFault>> => kept.keep(toKeptState(releases, source, confirmedAt), packedOf(releases))
