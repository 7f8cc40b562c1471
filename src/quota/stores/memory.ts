import { err, ok, type Result } from '../../lib/result.ts'
import type { Limit } from '../../model/decision.ts'
import type { LimitState } from '../../model/grant.ts'
import { adapt, counterKey, type Entry, isFresh, openEntry, stateOf, take, waitFor } from './counter.ts'
import { type Clocks, createInstants, type Instant } from './instant.ts'
import type { Release } from './period.ts'
import type { KeyedState, LimitStore, NotReserved, Reserved } from './store.ts'
import { createTable } from './table.ts'

type Counter = { limit: Limit; readonly entry: Entry }
type Slot = Counter & { readonly key: string; readonly isNew: boolean; readonly wait: number }
type Reservation = Reserved & { readonly releases: readonly Release[] }

/** More calls than can be in flight. Beyond, the oldest stays charged for good, and its lease expires. */
const MAX_UNSETTLED = 20_000

/** Counters in this process. All of a reservation happens in one turn of the event loop, so it is atomic. */
export const createMemoryStore = (options: Clocks & { readonly maxKeys?: number }): LimitStore => {
  const { maxKeys = 100_000 } = options
  const instant = createInstants(options)
  const table = createTable<Counter>(maxKeys)
  const unsettled = new Map<string, Reservation>()

  const reserve = (decisionId: string, limits: readonly Limit[]): Result<Reserved, NotReserved> => {
    const earlier = unsettled.get(decisionId)
    if (earlier !== undefined) return ok({ states: earlier.states })
    const at = instant()
    const slots: Slot[] = []
    for (const limit of limits) {
      const key = counterKey(limit)
      const same = slots.find((slot) => slot.key === key)
      if (same === undefined) slots.push(findSlot(key, limit, at))
      else if (!haveSameFigures(same.limit, limit)) return unavailable(`limit ${limit.name} has two sets of figures`)
    }
    if (slots.some((slot) => slot.wait > 0 && !slot.limit.shadow)) return exhausted(slots, at)
    const taking = slots.filter((slot) => slot.wait === 0 && slot.limit.cost > 0)
    const enforced = taking.filter((slot) => slot.isNew && !slot.limit.shadow).length
    const fresh = ({ entry }: Counter) => isFresh(entry, at) && !slots.some((slot) => slot.entry === entry)
    if (!table.hasRoom(enforced, fresh)) return unavailable(`all ${maxKeys} counters are in use`)
    const releases: Release[] = []
    for (const slot of taking) {
      // A shadow limit refuses nobody: without room it goes uncounted, and never takes the room of another.
      if (slot.isNew && slot.limit.shadow && !table.hasRoom(1 + enforced, fresh)) continue
      table.set(slot.key, { limit: slot.limit, entry: slot.entry })
      releases.push(take(slot.entry, slot.limit, at))
    }
    const states = slots.map((slot) => stateOf(slot.entry, slot.limit, at))
    remember(decisionId, { states, releases })
    return ok({ states })
  }

  const findSlot = (key: string, limit: Limit, at: Instant): Slot => {
    const known = table.get(key)
    const entry = known?.entry ?? openEntry(limit, at)
    adapt(entry, limit, at)
    return { key, limit, entry, isNew: known === undefined, wait: waitFor(entry, limit, at) }
  }

  const remember = (decisionId: string, reservation: Reservation) => {
    unsettled.set(decisionId, reservation)
    if (unsettled.size <= MAX_UNSETTLED) return
    for (const oldest of unsettled.keys()) {
      unsettled.delete(oldest)
      return
    }
  }

  const settle = (decisionId: string, how: 'commit' | 'refund') => {
    const reservation = unsettled.get(decisionId)
    if (reservation === undefined) return
    unsettled.delete(decisionId)
    const at = instant()
    for (const release of reservation.releases) release(how, at)
  }

  const startsWith = (limit: Limit, prefix: readonly string[]) => prefix.every((part, i) => limit.key[i] === part)

  const peek = (prefix: readonly string[]): readonly KeyedState[] => {
    const at = instant()
    const found: KeyedState[] = []
    for (const [, { limit, entry }] of table.entries()) {
      if (!startsWith(limit, prefix)) continue
      adapt(entry, limit, at)
      found.push({ ...stateOf(entry, limit, at), key: limit.key })
    }
    return found
  }

  const reset = (prefix: readonly string[], name?: string): number => {
    let count = 0
    for (const [key, { limit }] of table.entries()) {
      if (!startsWith(limit, prefix) || (name !== undefined && limit.name !== name)) continue
      table.delete(key)
      count += 1
    }
    return count
  }

  return {
    reserve,
    commit: (decisionId) => settle(decisionId, 'commit'),
    refund: (decisionId) => settle(decisionId, 'refund'),
    peek,
    reset,
    health: () => ({ available: table.size() < maxKeys, keys: table.size(), max_keys: maxKeys }),
  }
}

const unavailable = (cause: string) => err({ kind: 'unavailable', cause } as const)

const exhausted = (slots: readonly Slot[], at: Instant): Result<never, NotReserved> => {
  const states = slots.map((slot) => stateOf(slot.entry, slot.limit, at))
  const refusing = states.filter((state) => state.retry_after_seconds > 0 && !state.shadow)
  const longest = refusing.reduce<LimitState | undefined>(
    (worst, state) => (worst === undefined || state.retry_after_seconds > worst.retry_after_seconds ? state : worst),
    undefined,
  )
  return longest === undefined
    ? unavailable('no limit refuses')
    : err({ kind: 'exhausted', exhausted: longest, states })
}

const haveSameFigures = (one: Limit, other: Limit): boolean =>
  one.limit === other.limit &&
  one.period === other.period &&
  one.burst === other.burst &&
  one.cost === other.cost &&
  one.shadow === other.shadow
