import { type Keys, readKeyDocument } from './key-document.ts'
import type { KeySource } from './key-source.ts'

/** How the keys of an issuer stand, for `/readyz`. */
export type KeySetHealth = {
  readonly keys: number
  /** Seconds since the keys were last read; null when they never were. */
  readonly age_seconds: number | null
  /** Why the last reading failed; null when it did not. */
  readonly error: string | null
  readonly ignored: readonly string[]
}

/** The keys of one issuer. `undefined` means that there are none, or none young enough. */
export type KeySet = {
  readonly current: () => Promise<Keys | undefined>
  /** For a key that is not there: reads again unless that was done a moment ago. */
  readonly refresh: () => Promise<Keys | undefined>
  readonly health: () => KeySetHealth
}

/**
 * Keeps the keys of an issuer fresh. Made because `createRemoteJWKSet` of `jose` fetches once per token
 * while the source is down and cold, and refuses everyone once it is down and old (measured). Here one
 * reading serves all who wait, a flood of unknown `kid`s costs one reading per cool-down, failures are
 * spaced out, and what was read last stays in use for a bounded time.
 */
export function createKeySet(options: { readonly source: KeySource; readonly now: () => number }): KeySet {
  const { source, now } = options
  let loaded: { readonly text: string; readonly keys: Keys; readonly at: number } | undefined
  let attempted = Number.NEGATIVE_INFINITY
  let failures = 0
  let error: string | null = null
  let loading: Promise<void> | undefined

  /** A clock that was set back makes everything due. */
  const since = (time: number): number => (now() < time ? Number.POSITIVE_INFINITY : now() - time)
  const age = (): number => (loaded === undefined ? Number.POSITIVE_INFINITY : since(loaded.at))
  const usable = (): Keys | undefined => (age() < source.maxStale ? loaded?.keys : undefined)
  const pause = (): number => (failures === 0 ? source.coolDown : Math.min(source.coolDown, 500 * 2 ** failures))

  const load = async (): Promise<void> => {
    attempted = now()
    const at = attempted
    const text = await source.read()
    const keys = text.ok && text.value !== loaded?.text ? await readKeyDocument(text.value) : undefined
    const failed = !text.ok ? text.error : keys?.ok === false ? keys.error : null
    error = failed
    failures = failed === null ? 0 : failures + 1
    if (text.ok && keys?.ok) loaded = { text: text.value, keys: keys.value, at }
    else if (failed === null && loaded !== undefined) loaded = { ...loaded, at }
  }

  const loadOnce = (): Promise<void> | undefined => {
    if (loading === undefined && since(attempted) >= pause()) {
      loading = load().finally(() => {
        loading = undefined
      })
    }
    return loading
  }

  return {
    async current() {
      if (age() >= source.refreshAfter) {
        const reading = loadOnce()
        if (age() >= source.maxAge) await reading
      }
      return usable()
    },
    async refresh() {
      await loadOnce()
      return usable()
    },
    health: () => ({
      keys: usable()?.count ?? 0,
      age_seconds: loaded === undefined ? null : Math.round((now() - loaded.at) / 1000),
      error,
      ignored: loaded?.keys.ignored ?? [],
    }),
  }
}
