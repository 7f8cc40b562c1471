import type { Finding } from '../../model/finding.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { isShort } from '../../pap/test/coverage.ts'
import type { TestReport } from '../../pap/test/tester.ts'
import { githubAnnotations } from '../format/github.ts'
import { junit } from '../format/junit.ts'
import { pretty, totals, totalsLine } from './summary.ts'

export const FORMATS = {
  pretty,
  json: (report: TestReport) => `${JSON.stringify(plain(report), undefined, 2)}\n`,
  junit: ({ suites }: TestReport) => junit(suites),
  github: (report: TestReport) => `${githubAnnotations(findingsOf(report), '')}${totalsLine(totals(report.suites))}\n`,
} as const

export type Format = keyof typeof FORMATS

/** Where a policy cannot even be tested, as GitHub shows it. */
export const faultAnnotations = (faults: readonly PolicyFault[]): string =>
  githubAnnotations(
    faults.map((fault) => ({ ...fault, check: 'policy tests', level: 'error' })),
    '',
  )

/** Without the state of every line, which is what LCOV is for. */
function plain({ suites, gates, milliseconds }: TestReport): object {
  const coverage = gates.map(({ name, least, measured: { covered, total, percent, uncovered } }) => [
    name,
    { percent, least, covered, total, uncovered },
  ])
  return { ...totals(suites), milliseconds, coverage: Object.fromEntries(coverage), suites }
}

/** What failed and what was skipped; of coverage that falls short, each thing that is not covered. */
function findingsOf({ suites, gates }: TestReport): readonly Finding[] {
  const tests = suites.filter(({ name }) => name !== 'coverage')
  const results = tests.flatMap(({ name: check, cases }) =>
    cases.flatMap(({ name, file, line, faults, skipped }): readonly Finding[] => {
      const place = { ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
      if (skipped !== undefined) {
        return [{ ...place, check, level: 'warning', message: `${name} is skipped`, remedy: skipped }]
      }
      if (faults.length === 0) return []
      const message = [name, ...faults].join('\n')
      return [{ ...place, check, level: 'error', message, remedy: 'Correct the rule, or what is wanted of it' }]
    }),
  )
  const uncovered = gates
    .filter(isShort)
    .flatMap(({ measured }) =>
      measured.uncovered.map((fault) => ({ ...fault, check: 'coverage', level: 'error' as const })),
    )
  return [...results, ...uncovered]
}
