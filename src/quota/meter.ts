import { systemTimer, type Timer, within } from '../lib/deadline.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { thrownText } from '../lib/thrown-text.ts'
import type { Limit } from '../model/decision.ts'
import type { Grant } from '../model/grant.ts'
import type { RefusalAt } from '../model/refusal.ts'
import type { LimitStore, NotReserved, Reserved, Soon } from './stores/store.ts'

type Metered = Result<Grant, RefusalAt<'meter'>>

/** How often the store could not count: `local` decisions were counted in this process, `refused` ones not at all. */
export type MeterHealth = { readonly local: number; readonly refused: number; readonly last_error?: string }

export type Meter = {
  readonly meter: (decisionId: string, limits: readonly Limit[]) => Promise<Metered>
  readonly health: () => MeterHealth
}

const RETRY_SECONDS = 1

/**
 * Reserves what a decision names, and settles it at most once. A store that fails or is late is an outage,
 * never a permit: only a decision all of whose enforced limits say `on_store_error: local` is counted in
 * `local` instead, so that an outage costs at most one fresh limit in each process.
 */
export const createMeter = (options: {
  readonly store: LimitStore
  readonly local: LimitStore
  readonly timeoutMs?: number
  readonly timer?: Timer
}): Meter => {
  const { store, local, timeoutMs = 100, timer = systemTimer } = options
  const failures = { local: 0, refused: 0 }
  let lastError: string | undefined

  /** Waits for a store no longer than it may take. One that answers at once needs no timer. */
  const inTime = <T>(answer: Soon<T>): Soon<T> =>
    answer instanceof Promise ? within(answer, timeoutMs, timer) : answer

  const reserveIn = async (chosen: LimitStore, decisionId: string, limits: readonly Limit[]) => {
    let reserving: ReturnType<LimitStore['reserve']> | undefined
    try {
      reserving = chosen.reserve(decisionId, limits)
      return await inTime(reserving)
    } catch (thrown) {
      // What a late store still takes belongs to a call that nobody runs.
      Promise.resolve(reserving)
        .then((late) => (late?.ok ? chosen.refund(decisionId) : undefined))
        .catch(() => undefined)
      return outage(thrown)
    }
  }

  const grantFrom = (chosen: LimitStore, decisionId: string, { states }: Reserved): Grant => {
    let settled = false
    const settle = async (how: 'commit' | 'refund') => {
      if (settled) return
      settled = true
      try {
        await inTime(chosen[how](decisionId))
      } catch (thrown) {
        // Not settled stays charged: it never counts too little.
        lastError = thrownText(thrown)
      }
    }
    return { decisionId, states, commit: () => settle('commit'), refund: () => settle('refund') }
  }

  const meter = async (decisionId: string, limits: readonly Limit[]): Promise<Metered> => {
    if (limits.length === 0) return ok(emptyGrant(decisionId))
    const first = await reserveIn(store, decisionId, limits)
    if (first.ok) return ok(grantFrom(store, decisionId, first.value))
    if (first.error.kind === 'exhausted') return err(exhausted(first.error))
    lastError = first.error.cause

    if (limits.some((limit) => limit.on_store_error === 'deny' && !limit.shadow)) {
      failures.refused += 1
      return err({ code: 'quota_unavailable', retryAfterSeconds: RETRY_SECONDS })
    }
    const second = await reserveIn(local, decisionId, limits)
    if (!second.ok && second.error.kind === 'exhausted') return err(exhausted(second.error))
    failures[second.ok ? 'local' : 'refused'] += 1
    if (second.ok) return ok(grantFrom(local, decisionId, second.value))
    return err({ code: 'quota_unavailable', retryAfterSeconds: RETRY_SECONDS })
  }

  return {
    meter,
    health: () => ({ ...failures, ...(lastError === undefined ? {} : { last_error: lastError }) }),
  }
}

const outage = (thrown: unknown): Result<never, NotReserved> => err({ kind: 'unavailable', cause: thrownText(thrown) })

const exhausted = ({ exhausted, states }: Extract<NotReserved, { kind: 'exhausted' }>): RefusalAt<'meter'> => ({
  code: 'quota_exhausted',
  exhausted,
  states,
})

const nothing = async (): Promise<void> => undefined
const emptyGrant = (decisionId: string): Grant => ({ decisionId, states: [], commit: nothing, refund: nothing })
