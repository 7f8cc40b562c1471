import type { Gauges } from '../audit/metrics.ts'
import type { Config } from '../config/load.ts'
import type { Readiness } from '../http/operations.ts'
import type { Limits } from './limits.ts'
import type { Parts } from './parts.ts'

export async function readinessOf(
  { pdp, log, keySets, revocations }: Parts,
  { store, meter }: Limits,
  { enforce }: Config,
  reloadFailure: string | undefined,
): Promise<Readiness> {
  const keys = [...keySets].map(([issuer, keySet]) => ({ issuer, ...keySet.health() }))
  const policy = pdp.current()
  const counters = await store.health()
  const failed = reloadFailure !== undefined && { reload_failed: reloadFailure }
  return {
    policy: { ...policy.health(), ...policy.bundle, ...failed },
    log: { ready: log.health().writable, ...log.health() },
    keys: { ready: keys.every((keySet) => keySet.keys > 0), issuers: keys },
    ...(revocations !== undefined && { revocations: { ready: true, ...revocations.health() } }),
    limits: { ready: counters.available, ...counters, ...meter.health() },
    enforcement: { ready: true, enforce },
  }
}

export function gauges({ pdp, log }: Parts, { store, meter }: Limits, { enforce }: Config): Gauges {
  return {
    policy_instance_restarts: () => pdp.current().health().restarts,
    policy_indeterminate_decisions: () => pdp.current().health().indeterminate,
    log_records_dropped: () => log.health().dropped,
    log_records_suppressed: () => log.health().suppressed,
    log_records_waiting: () => log.health().buffered,
    limit_keys: async () => (await store.health()).keys,
    limit_store_failures: () => meter.health().refused,
    enforcing: () => (enforce ? 1 : 0),
  }
}
