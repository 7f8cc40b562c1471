import type { PolicyFault } from '../../model/policy-fault.ts'
import { type Measured, measured } from './measured.ts'
import { parsed, type RegoPlace, runOpaTest } from './rego.ts'

/** Line → whether a Rego test reaches all of it. */
export type FileLines = { readonly file: string; readonly lines: ReadonlyMap<number, boolean> }
export type LineCoverage = Measured & { readonly files: readonly FileLines[] }

type Range = { readonly start: { readonly row: number } }
type Report = {
  readonly files?: Readonly<
    Record<string, { readonly covered?: readonly Range[]; readonly not_covered?: readonly Range[] }>
  >
}

/** The lines of the policy that its Rego tests reach, the tests themselves aside; OPA counts none while a test fails. */
export async function lineCoverage(place: RegoPlace): Promise<LineCoverage | undefined> {
  // Without the passes that only say why a line was not reached: they take as long as the first (measured).
  const run = await runOpaTest(place, '--coverage', '--coverage-runs', '')
  const report = parsed<Report>(run.stdout)
  if (report === undefined) return undefined
  const files = Object.entries(report.files ?? {})
    .filter(([file]) => !file.endsWith('_test.rego'))
    .map(([file, { covered = [], not_covered = [] }]) => ({ file, lines: linesOf(covered, not_covered) }))
  const uncovered = files.flatMap(({ file, lines }) =>
    [...lines].filter(([, reached]) => !reached).map(([line]) => unreached(file, line)),
  )
  const total = files.reduce((sum, { lines }) => sum + lines.size, 0)
  return { ...measured(total, uncovered), files }
}

/** OPA reports parts of lines. One that is reached in part is not reached. */
function linesOf(covered: readonly Range[], notCovered: readonly Range[]): ReadonlyMap<number, boolean> {
  const reached = covered.map(({ start }) => [start.row, true] as const)
  const missed = notCovered.map(({ start }) => [start.row, false] as const)
  return new Map([...new Map([...reached, ...missed])].toSorted(([a], [b]) => a - b))
}

const unreached = (file: string, line: number): PolicyFault => ({
  file,
  line,
  message: 'is not reached by any Rego test',
  remedy: 'Add a case that reaches it, or remove it',
})
