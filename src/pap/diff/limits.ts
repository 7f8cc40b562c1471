import type { Limit } from '../../model/decision.ts'
import type { Change } from './change.ts'

type Direction = 'limits-loosened' | 'limits-tightened'

/** How the limits of two permits differ in what they let through. A shadow limit lets everything through. */
export function limitChanges(base: readonly Limit[], head: readonly Limit[]): readonly Change[] {
  const [before, after] = [base.filter(isEnforced), head.filter(isEnforced)]
  const pairs = pair(before, after)
  const gone = before.filter((limit) => !pairs.has(limit))
  const kept = new Set(pairs.values())
  const added = after.filter((limit) => !kept.has(limit))
  return [
    ...gone.map((limit) => change('limits-loosened', limit, 'no longer holds')),
    ...added.map((limit) => change('limits-tightened', limit, 'holds now')),
    ...[...pairs].flatMap(([was, is]) => figureChanges(was, is)),
  ]
}

const isEnforced = ({ shadow }: Limit): boolean => !shadow

/** The same name, kind and key; else the same name and kind, counted under another key. */
function pair(base: readonly Limit[], head: readonly Limit[]): ReadonlyMap<Limit, Limit> {
  const pairs = new Map<Limit, Limit>()
  const taken = new Set<Limit>()
  for (const identity of [(limit: Limit) => [limit.name, limit.kind, limit.key], (l: Limit) => [l.name, l.kind]]) {
    for (const was of base) {
      const wanted = JSON.stringify(identity(was))
      const is = head.find((limit) => !taken.has(limit) && JSON.stringify(identity(limit)) === wanted)
      if (is === undefined || pairs.has(was)) continue
      pairs.set(was, is)
      taken.add(is)
    }
  }
  return pairs
}

function figureChanges(was: Limit, is: Limit): readonly Change[] {
  const moves = [
    toward(atOnce(was), atOnce(is)),
    toward(sustained(was), sustained(is)),
    toward(leniency(was), leniency(is)),
    ...keyMoves(was.key, is.key),
  ]
  const directions = new Set(moves.filter((direction) => direction !== undefined))
  return [...directions].map((direction) => change(direction, is, difference(was, is)))
}

const toward = (was: number, is: number): Direction | undefined =>
  is > was ? 'limits-loosened' : is < was ? 'limits-tightened' : undefined

/** How many calls may come together. */
function atOnce({ kind, limit, burst, cost }: Limit): number {
  if (cost === 0) return Number.POSITIVE_INFINITY
  if (kind !== 'rate') return limit / cost
  return limit === 0 ? 0 : Math.max(1, burst) / cost
}

/** How many calls a second in the long run. A concurrency limit gives lost leases back after its period. */
function sustained({ kind, limit, cost, period }: Limit): number {
  if (cost === 0) return Number.POSITIVE_INFINITY
  return (kind === 'concurrency' ? 1 : limit / cost) / seconds(period)
}

const leniency = ({ on_store_error }: Limit): number => (on_store_error === 'local' ? 1 : 0)

const seconds = (period: Limit['period']): number =>
  period === 'day' ? 86_400 : period === 'month' ? 30 * 86_400 : period

/** A longer key splits one count into several, a shorter one puts several together; any other may do either. */
function keyMoves(was: readonly string[], is: readonly string[]): readonly Direction[] {
  const begins = (long: readonly string[], short: readonly string[]) => short.every((part, i) => part === long[i])
  if (was.length === is.length && begins(was, is)) return []
  if (begins(is, was)) return ['limits-loosened']
  if (begins(was, is)) return ['limits-tightened']
  return ['limits-loosened', 'limits-tightened']
}

const change = (kind: Direction, { name }: Limit, what: string): Change => ({ kind, detail: `${name}: ${what}` })

function difference(was: Limit, is: Limit): string {
  const [before, after] = [figures(was), figures(is)]
  return before === after ? `${before}, counted by another key` : `${before} → ${after}`
}

function figures({ kind, limit, period, burst, cost, on_store_error }: Limit): string {
  const span = typeof period === 'number' ? `${period} s` : period
  const amount = kind === 'concurrency' ? `${limit} at once, lease ${span}` : `${limit} per ${span}`
  const extras = [
    kind === 'rate' && `burst ${burst}`,
    cost !== 1 && `cost ${cost}`,
    on_store_error === 'local' && 'local when the store is away',
  ]
  return [amount, ...extras.filter((extra) => extra !== false)].join(', ')
}
