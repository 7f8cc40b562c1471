import { sortedJson } from '../../model/json.ts'
import type { ShadowDifference, ShadowExample, ShadowReport } from '../../model/shadow.ts'
import { printable } from './printable.ts'

/** What a candidate would have decided otherwise, for a person. */
export function shadowLines(report: ShadowReport): readonly string[] {
  const { active, candidate, since, evaluated, different, dropped, waiting, suspended, differences, examples } = report
  if (candidate === undefined) {
    return [`active ${active.revision}; no candidate yet: make one with \`portcullis rollout check BUNDLE\``]
  }
  return [
    `active ${active.revision}, candidate ${candidate.revision}, since ${since}`,
    `${evaluated} requests asked again, ${different} decided otherwise; ${dropped} not asked, ${waiting} waiting`,
    ...(suspended === undefined ? [] : [`${SUSPENDED[suspended]}: the candidate is asked no more`]),
    ...(differences.length === 0 ? [] : ['', ...table(differences)]),
    ...examples.flatMap((example) => ['', ...exampleLines(example)]),
  ]
}

const SUSPENDED = { too_slow: 'It took too long on a request', no_decisions: 'It had no decision too often' }
const COLUMNS = ['count', 'kind', 'tool', 'role', 'rule'] as const

function table(differences: readonly ShadowDifference[]): readonly string[] {
  const rows = [COLUMNS, ...differences.map((row) => COLUMNS.map((column) => printable(String(row[column]))))]
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function exampleLines({ kinds, decision_id, input, active, candidate }: ShadowExample): readonly string[] {
  const [was, is] = [statements(active), statements(candidate)]
  return [
    `${kinds.join(', ')} (decision ${decision_id})`,
    `  input ${input === undefined ? 'erased by the mask' : printable(JSON.stringify(input))}`,
    ...was.filter((line) => !is.includes(line)).map((line) => `  - ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `  + ${line}`),
  ]
}

/** A decision member by member, and lists element by element, so that only what differs is to be read. */
function statements(decision: unknown): readonly string[] {
  const members = typeof decision === 'object' && decision !== null ? Object.entries(decision) : []
  return members
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((element) => printable(`${name}: ${sortedJson(element)}`)),
    )
    .toSorted()
}
