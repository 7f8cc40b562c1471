import { compareText } from '../../lib/compare.ts'
import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import { CHANGE_KINDS, type Change, type ChangeKind } from './change.ts'

export type Example = {
  readonly input: PolicyInput
  readonly base: Decided
  readonly head: Decided
  /** Of a recorded question. */
  readonly decision_id?: string
}

/** Questions that changed alike: the same class for the same roles, for the same reason. */
export type ChangeGroup = {
  readonly kind: ChangeKind
  /** All that the caller needs; none means that every caller is concerned. */
  readonly roles: readonly string[]
  /** Tools by name, anything else by action and type. */
  readonly targets: readonly string[]
  readonly detail: string
  readonly count: number
  /** The shortest of the questions. */
  readonly example: Example
}

type Entry = {
  readonly kind: ChangeKind
  readonly roles: readonly string[]
  readonly target: string
  readonly detail: string
  count: number
  example: Example
  rank: Rank
}

/** How good an example is: the lower the better, and never two alike. */
type Rank = { readonly weight: number; readonly text: string }

export type DiffTally = {
  asked: number
  different: number
  /** Not enough memory is worth more groups than a person would ever read. */
  ungrouped: number
  readonly byKind: Partial<Record<ChangeKind, number>>
  readonly entries: Map<string, Entry>
}

const MAX_ENTRIES = 20_000
/** A question about some call is a poorer example than a call. */
const WITHOUT_ARGUMENTS = 100_000

export const emptyDiffTally = (): DiffTally => ({
  ...{ asked: 0, different: 0, ungrouped: 0 },
  ...{ byKind: {}, entries: new Map() },
})

export function countCompared(tally: DiffTally, changes: readonly Change[], example: Example): void {
  tally.asked++
  if (changes.length === 0) return
  tally.different++
  const { input } = example
  const roles = [...new Set(input.subject.properties.roles)].toSorted()
  const rank = rankOf(input)
  for (const kind of new Set(changes.map((change) => change.kind))) tally.byKind[kind] = (tally.byKind[kind] ?? 0) + 1
  for (const { kind, detail } of changes) {
    add(tally, {
      kind,
      roles,
      target: targetOf(input),
      detail: withoutId(detail, input.subject.id),
      count: 1,
      example,
      rank,
    })
  }
}

/** Own folders are alike, whosever they are. */
const withoutId = (detail: string, id: string): string =>
  detail.replace(/\/[^/, ]+(?=[/, ]|$)/g, (segment) => (segment === `/${id}` ? '/{subject id}' : segment))

function add(tally: DiffTally, entry: Entry): void {
  const key = JSON.stringify([entry.kind, entry.roles, entry.target, entry.detail])
  const known = tally.entries.get(key)
  if (known === undefined && tally.entries.size >= MAX_ENTRIES) tally.ungrouped += entry.count
  else if (known === undefined) tally.entries.set(key, { ...entry })
  else {
    known.count += entry.count
    if (byRank(entry, known) < 0) Object.assign(known, { example: entry.example, rank: entry.rank })
  }
}

export function mergeDiffTallies(tallies: readonly DiffTally[]): DiffTally {
  const merged = emptyDiffTally()
  for (const tally of tallies) {
    merged.asked += tally.asked
    merged.different += tally.different
    merged.ungrouped += tally.ungrouped
    for (const kind of CHANGE_KINDS) {
      const count = tally.byKind[kind]
      if (count !== undefined) merged.byKind[kind] = (merged.byKind[kind] ?? 0) + count
    }
    for (const entry of tally.entries.values()) add(merged, entry)
  }
  return merged
}

/** What a role brings about by itself is not said again of every combination with it. */
export function changeGroups({ entries }: DiffTally): readonly ChangeGroup[] {
  const sorted = [...entries.values()].toSorted((a, b) => a.roles.length - b.roles.length || byRank(a, b))
  const minimal = new Map<string, Entry[]>()
  for (const entry of sorted) {
    const key = JSON.stringify([entry.kind, entry.target])
    const before = minimal.get(key) ?? []
    const reason = before.find(({ roles }) => isBelow(roles, entry.roles))
    if (reason === undefined) minimal.set(key, [...before, { ...entry }])
    else reason.count += entry.count
  }
  return bySeverity([...byTargets([...minimal.values()].flat()).values()])
}

/** The gravest first. */
export const bySeverity = (groups: readonly ChangeGroup[]): readonly ChangeGroup[] =>
  groups.toSorted(
    (a, b) => CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind) || compareText(labelOf(a), labelOf(b)),
  )

/** Strictly less than the other set of roles. */
const isBelow = (less: readonly string[], more: readonly string[]): boolean =>
  less.length < more.length && less.every((role) => more.includes(role))

/** One group for all targets of which the same is said. */
function byTargets(entries: readonly Entry[]): ReadonlyMap<string, ChangeGroup> {
  const groups = new Map<string, ChangeGroup & { readonly rank: Rank }>()
  for (const { kind, roles, target, detail, count, example, rank } of entries) {
    const key = JSON.stringify([kind, roles, detail])
    const group = groups.get(key)
    const isBetter = group === undefined || byRank({ rank }, group) < 0
    groups.set(key, {
      ...{ kind, roles, detail },
      targets: [...(group?.targets ?? []), target].toSorted(compareText),
      count: (group?.count ?? 0) + count,
      example: isBetter ? example : group.example,
      rank: isBetter ? rank : group.rank,
    })
  }
  return new Map([...groups].map(([key, { rank: _, ...group }]) => [key, group]))
}

const labelOf = ({ roles, targets, detail }: ChangeGroup): string => JSON.stringify([roles, targets, detail])

function targetOf({ action, resource }: PolicyInput): string {
  if (action.name === 'tools/call') return resource.id
  return resource.type === 'server' ? action.name : `${action.name} ${resource.id}`
}

const byRank = (a: { readonly rank: Rank }, b: { readonly rank: Rank }): number =>
  a.rank.weight - b.rank.weight || compareText(a.rank.text, b.rank.text)

function rankOf(input: PolicyInput): Rank {
  const text = JSON.stringify(input)
  return { text, weight: text.length + (input.resource.properties.arguments === undefined ? WITHOUT_ARGUMENTS : 0) }
}
