import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { ChangeKind } from '../diff/change.ts'
import { classify } from '../diff/classify.ts'
import type { Obstacle, Replayed } from './replay.ts'

/** Where a record stands: which of the files given, and which of its lines. */
export type Place = { readonly file: number; readonly line: number }

export type Difference = Place & {
  readonly decision_id: string
  readonly kinds: readonly ChangeKind[]
  readonly details: readonly string[]
  readonly input: PolicyInput
  readonly recorded: Decided
  readonly decided: Decided
}
export type Unreplayable = Place & Obstacle & { readonly decision_id: string }
export type Damage = Place & { readonly damaged: string }

/** What was found in part of a log; what is named is the first of its kind, what is counted is all. */
export type ReplayTally = {
  lines: number
  decisions: number
  same: number
  /** Of `same`: something was masked that the policy does not read. */
  masked: number
  different: number
  /** Refused before the policy was asked. */
  unasked: number
  unreplayable: number
  damaged: number
  readonly byKind: Partial<Record<ChangeKind, number>>
  readonly byObstacle: Partial<Record<Obstacle['why'], number>>
  readonly differences: Difference[]
  readonly obstacles: Unreplayable[]
  readonly damages: Damage[]
}

export const emptyReplayTally = (): ReplayTally => ({
  ...{ lines: 0, decisions: 0, same: 0, masked: 0, different: 0, unasked: 0, unreplayable: 0, damaged: 0 },
  ...{ byKind: {}, byObstacle: {}, differences: [], obstacles: [], damages: [] },
})

export function countReplayed(
  tally: ReplayTally,
  replayed: Replayed,
  where: Place & { readonly decision_id: string },
  named: number,
): void {
  tally.decisions++
  switch (replayed.kind) {
    case 'same':
      tally.same++
      if (replayed.isMasked) tally.masked++
      return
    case 'nothing':
      tally.unasked++
      return
    case 'obstacle': {
      const { why, pointers } = replayed
      tally.unreplayable++
      tally.byObstacle[why] = (tally.byObstacle[why] ?? 0) + 1
      if (tally.obstacles.length < named) tally.obstacles.push({ ...where, why, pointers })
      return
    }
    case 'different': {
      const { input, recorded, decided } = replayed
      const changes = classify(recorded, decided)
      tally.different++
      const kinds = [...new Set(changes.map(({ kind }) => kind))]
      for (const kind of kinds) tally.byKind[kind] = (tally.byKind[kind] ?? 0) + 1
      if (tally.differences.length >= named) return
      const details = changes.map(({ detail }) => detail)
      tally.differences.push({ ...where, kinds, details, input, recorded, decided })
    }
  }
}

export function countDamage(tally: ReplayTally, damage: Damage, named: number): void {
  tally.damaged++
  if (tally.damages.length < named) tally.damages.push(damage)
}

/** Parts of a log that were read side by side, as if they had been read one after the other. */
export function mergeReplayTallies(tallies: readonly ReplayTally[], named: number): ReplayTally {
  const sum = (count: (tally: ReplayTally) => number) => tallies.reduce((total, tally) => total + count(tally), 0)
  const first = <T extends Place>(list: (tally: ReplayTally) => readonly T[]) =>
    tallies
      .flatMap(list)
      .toSorted((a, b) => a.file - b.file || a.line - b.line)
      .slice(0, named)
  return {
    lines: sum(({ lines }) => lines),
    decisions: sum(({ decisions }) => decisions),
    same: sum(({ same }) => same),
    masked: sum(({ masked }) => masked),
    different: sum(({ different }) => different),
    unasked: sum(({ unasked }) => unasked),
    unreplayable: sum(({ unreplayable }) => unreplayable),
    damaged: sum(({ damaged }) => damaged),
    byKind: sums(tallies.map(({ byKind }) => byKind)),
    byObstacle: sums(tallies.map(({ byObstacle }) => byObstacle)),
    differences: first(({ differences }) => differences),
    obstacles: first(({ obstacles }) => obstacles),
    damages: first(({ damages }) => damages),
  }
}

function sums<K extends string>(counts: readonly Partial<Record<K, number>>[]): Partial<Record<K, number>> {
  const total: Partial<Record<K, number>> = {}
  for (const count of counts) {
    for (const [key, number] of Object.entries(count) as [K, number][]) total[key] = (total[key] ?? 0) + number
  }
  return total
}
