import type { Config } from '../config/load.ts'
import { createFloodGuard, type FloodGuard } from '../quota/flood.ts'
import { createMeter, type Meter } from '../quota/meter.ts'
import { createMemoryStore } from '../quota/stores/memory.ts'
import type { LimitStore } from '../quota/stores/store.ts'
import { monotonic, wallClock } from './clocks.ts'

/** Addresses or subjects whose recent requests are remembered. */
const FLOOD_KEYS = 50_000

export type Limits = {
  readonly store: LimitStore
  readonly meter: Meter
  readonly perSubject: FloodGuard
  readonly perAddress: FloodGuard
}

export function createLimits(config: Config): Limits {
  const memory = () => createMemoryStore({ monotonic, now: wallClock, maxKeys: config.quota.max_keys })
  const store = memory()
  const flood = (bucket: Config['limits']['per_subject']) =>
    createFloodGuard({ perSecond: bucket.per_second, burst: bucket.burst, maxKeys: FLOOD_KEYS, monotonic })
  return {
    store,
    meter: createMeter({ store, local: memory(), timeoutMs: config.quota.store_timeout_ms }),
    perSubject: flood(config.limits.per_subject),
    perAddress: flood(config.limits.per_address),
  }
}
