import type { Decided } from '../../model/decision.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { ShadowDifference } from '../../model/shadow.ts'
import type { ChangeKind } from '../diff/change.ts'

export type Labels = Pick<ShadowDifference, 'rule' | 'tool' | 'role'>

export type Tally = {
  /** True when this is the first of its kind and labels. */
  readonly add: (kind: ChangeKind, labels: Labels) => boolean
  /** The most frequent first. */
  readonly rows: () => readonly ShadowDifference[]
  readonly byKind: () => Readonly<Record<string, number>>
}

/** Whoever sends requests chooses names: what goes beyond this is counted together. */
const MAX_ROWS = 500
const MAX_LABEL = 200
const OTHER = 'other'

export function createTally(): Tally {
  const rows = new Map<string, ShadowDifference>()

  function count(row: Omit<ShadowDifference, 'count'>): boolean {
    const key = JSON.stringify([row.kind, row.rule, row.tool, row.role])
    const known = rows.get(key)
    if (known === undefined && rows.size >= MAX_ROWS && row.rule !== OTHER) {
      return count({ kind: row.kind, rule: OTHER, tool: OTHER, role: OTHER })
    }
    rows.set(key, { ...row, count: (known?.count ?? 0) + 1 })
    return known === undefined
  }

  return {
    add: (kind, labels) => count({ kind, ...labels }),
    rows: () => [...rows.values()].toSorted((a, b) => b.count - a.count),
    byKind: () => {
      const kinds: Record<string, number> = {}
      for (const { kind, count: counted } of rows.values()) kinds[kind] = (kinds[kind] ?? 0) + counted
      return kinds
    },
  }
}

/** What a difference is counted under. */
export function labelsOf(
  { subject, action, resource }: PolicyInput,
  active: Decided,
  candidate: Decided,
  tools: ReadonlySet<string>,
): Labels {
  const known = tools.has(resource.id) ? resource.id : OTHER
  return {
    rule: label(changedCodes(active, candidate), ', '),
    tool: resource.type === 'tool' ? known : action.name,
    role: label(subject.properties.roles, '+'),
  }
}

function label(names: readonly string[], separator: string): string {
  const text = [...new Set(names)].toSorted().join(separator) || 'none'
  return text.length > MAX_LABEL ? OTHER : text
}

function changedCodes(active: Decided, candidate: Decided): readonly string[] {
  const [was, is] = [codesOf(active), codesOf(candidate)]
  const changed = [...was.filter((code) => !is.includes(code)), ...is.filter((code) => !was.includes(code))]
  return changed.length > 0 ? changed : is
}

const codesOf = (decided: Decided): readonly string[] =>
  decided.effect === 'indeterminate' ? [decided.code] : decided.reasons.map(({ code }) => code)
