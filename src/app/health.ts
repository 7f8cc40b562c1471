import type { Counts, Gauges, LabelledGauges } from '../audit/metrics.ts'
import type { Config } from '../config/load.ts'
import type { Readiness } from '../http/operations.ts'
import type { FollowingRollout } from '../pap/activation/rollout.ts'
import type { Policy } from '../pdp/engine.ts'
import type { Limits } from './limits.ts'
import type { Parts } from './parts.ts'
import type { Shadowing } from './policy/shadow.ts'

export async function readinessOf(
  { pdp, rollout, log, keySets, revocations }: Parts,
  { store, meter }: Limits,
  { enforce }: Config,
): Promise<Readiness> {
  const keys = [...keySets].map(([issuer, keySet]) => ({ issuer, ...keySet.health() }))
  const counters = await store.health()
  return {
    policy: policyReadiness(pdp.current(), rollout),
    log: { ready: log.health().writable, ...log.health() },
    keys: { ready: keys.every((keySet) => keySet.keys > 0), issuers: keys },
    ...(revocations !== undefined && { revocations: revocations.health() }),
    limits: { ready: counters.available, ...counters, ...meter.health() },
    enforcement: { ready: true, enforce },
  }
}

/** Anybody may read this: what is wrong with the source is told by the log, and by `GET /admin/policies`. */
function policyReadiness(policy: Policy, rollout: FollowingRollout) {
  const { kind, state, checked_at, age_seconds } = rollout.status().source
  const health = policy.health()
  const expired = rollout.isExpired()
  const source = { kind, state, checked_at, age_seconds, ...(expired && { expired }) }
  return { ...health, ready: health.ready && !expired, ...policy.bundle, source }
}

export function gauges({ pdp, rollout, log }: Parts, { store, meter }: Limits, { enforce }: Config): Gauges {
  return {
    policy_instance_restarts: () => pdp.current().health().restarts,
    policy_indeterminate_decisions: () => pdp.current().health().indeterminate,
    policy_age_seconds: () => rollout.status().source.age_seconds,
    policy_source_current: () => (rollout.status().source.state === 'current' ? 1 : 0),
    log_records_dropped: () => log.health().dropped,
    log_records_suppressed: () => log.health().suppressed,
    log_records_waiting: () => log.health().buffered,
    limit_keys: async () => (await store.health()).keys,
    limit_store_failures: () => meter.health().refused,
    enforcing: () => (enforce ? 1 : 0),
  }
}

/** Of the present candidate: they begin at nothing with each. */
export const shadowGauges = (shadow: Shadowing): Gauges => ({
  shadow_evaluated: () => shadow.report().evaluated,
  shadow_dropped: () => shadow.report().dropped,
})

export const shadowDifferences = (shadow: Shadowing): LabelledGauges => ({
  shadow_differences: { label: 'kind', read: shadow.byKind },
})

export const labelledGauges = ({ rollout }: Parts): LabelledGauges => ({
  policy_active: { label: 'revision', read: () => ({ [rollout.status().active.revision]: 1 }) },
})

export const counts = ({ rollout }: Parts): Counts => ({
  policy_activations_total: () => rollout.counts().activations,
  policy_activation_failures_total: () => rollout.counts().failures,
})
