import { sha256 } from '../../../../src/lib/digest.ts'
import { err, ok } from '../../../../src/lib/result.ts'
import type { KeptBundles, KeptState } from '../../../../src/pap/activation/kept.ts'
import { openRollout } from '../../../../src/pap/activation/open.ts'
import type { RolloutEvent } from '../../../../src/pap/activation/rollout.ts'
import type { Verify } from '../../../../src/pap/activation/verify.ts'
import type { Offer, PolicySource } from '../../../../src/pap/source/source.ts'
import type { Policy } from '../../../../src/pdp/engine.ts'

export const START = new Date('2026-11-22T15:44:30.000Z')
export const LOCATION = 'https://policies.example.com/bundle.tar.gz'

/** A bundle is its name and version: `good 3` can be used, anything else than `good` is broken. */
export const bundleOf = (text: string): Uint8Array => Buffer.from(text)
export const offerOf = (text: string): Offer => ({ kind: 'bundle', packed: bundleOf(text) })
export const AWAY: Offer = { kind: 'unreachable', faults: [{ message: 'it is away', remedy: 'Wait' }] }
export const BROKEN = [{ message: 'it is broken', remedy: 'Build it again' }]

/** Which bundle, as a rollout tells it. */
export const identityOf = (text: string) => {
  const version = /\d+$/.exec(text)?.[0]
  return { revision: text, sha256: sha256(text), ...(version !== undefined && { version: Number(version) }) }
}

const verify: Verify = async (packed) => {
  const text = Buffer.from(packed).toString()
  if (!text.startsWith('good')) return err(BROKEN)
  const bundle = identityOf(text)
  const unused = () => {
    throw new Error('not asked for')
  }
  const policy: Policy = {
    bundle,
    decide: unused,
    mask: unused,
    evaluate: unused,
    health: unused,
    close: () => undefined,
  }
  return ok({ bundle, packed, policy })
}

/** Kept in memory, as a folder would keep it over a restart. */
export function memoryKept(): KeptBundles & { readonly last: () => KeptState | undefined } {
  const kept: { state?: KeptState; bundles: readonly Uint8Array[] } = { bundles: [] }
  return {
    last: () => kept.state,
    state: async () => ok(kept.state),
    bundle: async (digest) => {
      const found = kept.bundles.find((bytes) => sha256(bytes) === digest)
      return found === undefined ? err({ message: 'is not there', remedy: 'Wait' }) : ok(found)
    },
    keep: async (state, bundles) => {
      Object.assign(kept, { state, bundles })
      return ok(undefined)
    },
  }
}

export type Scene = {
  readonly kept?: KeptBundles
  readonly kind?: PolicySource['kind']
  readonly location?: string
  readonly maxAgeSeconds?: number
  readonly candidate?: Offer
  /** Seconds after `START`. */
  readonly at?: number
}

/** A rollout that begins with an offer, and a source that then offers what a test says. */
export async function openScene(first: Offer, scene: Scene = {}) {
  const { kept = memoryKept(), kind = 'url', location = LOCATION, maxAgeSeconds, candidate, at = 0 } = scene
  const events: RolloutEvent[] = []
  let seconds = at
  let next = first
  const sourceOf = (offer: () => Offer): PolicySource => ({
    kind,
    location,
    read: async () => offer(),
    follow: async (take) => take(offer()),
  })
  const opened = await openRollout({
    source: sourceOf(() => next),
    ...(candidate !== undefined && { candidateSource: sourceOf(() => candidate) }),
    verify,
    kept,
    maxAgeSeconds,
    now: () => new Date(START.getTime() + seconds * 1000),
    onEvent: (event) => events.push(event),
  })
  if (!opened.ok) return { faults: opened.error.map(({ message }) => message) }
  const { rollout, pdp } = opened.value
  return {
    rollout,
    pdp,
    /** What happened since it was asked last. */
    events: () => events.splice(0),
    offer: async (offer: Offer, afterSeconds = 0) => {
      seconds += afterSeconds
      next = offer
      await rollout.refresh()
    },
    pass: (more: number) => {
      seconds += more
    },
    /** Revision in force, revision before, state of the source, age. */
    summary: () => {
      const { active, previous, source } = rollout.status()
      return [active.revision, previous?.revision, source.state, source.age_seconds]
    },
  }
}

/** As `openScene`, when it has to open. */
export async function opened(first: Offer, scene?: Scene) {
  const made = await openScene(first, scene)
  if (made.rollout === undefined) throw new Error(made.faults.join('; '))
  return made
}
