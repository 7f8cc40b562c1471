import { formatPolicyFault } from '../../model/policy-fault.ts'
import type { Suite, SuiteCase } from '../../model/suite.ts'
import { type Gate, isShort } from '../../pap/test/coverage.ts'
import type { TestReport } from '../../pap/test/tester.ts'

export type Totals = { readonly passed: number; readonly failed: number; readonly skipped: number }

const isFailed = ({ faults }: SuiteCase): boolean => faults.length > 0
const isSkipped = ({ skipped }: SuiteCase): boolean => skipped !== undefined

/** A comparison, or a figure, that is as it should be is no further test that passed. */
export function totals(suites: readonly Suite[]): Totals {
  const { failed, skipped } = count(suites.flatMap(({ cases }) => cases))
  const tests = suites.filter(({ name }) => name !== 'opa eval' && name !== 'coverage')
  return { passed: count(tests.flatMap(({ cases }) => cases)).passed, failed, skipped }
}

function count(cases: readonly SuiteCase[]): Totals {
  const failed = cases.filter(isFailed).length
  const skipped = cases.filter(isSkipped).length
  return { passed: cases.length - failed - skipped, failed, skipped }
}

/** What failed comes first, with what to look at; then a line for each part, and how many in all. */
export const pretty = (report: TestReport): string => summary(report, report.suites)

/** As `pretty`, with the failures of some suites alone. */
export function summary({ suites, gates }: TestReport, shown: readonly Suite[]): string {
  const parts = suites.filter(({ name }) => name !== 'coverage').map(partLine)
  return [...exceptions(shown), ...parts, ...gates.flatMap(gateLines), totalsLine(totals(suites)), ''].join('\n')
}

const LISTED = 20

export function exceptions(suites: readonly Suite[]): readonly string[] {
  const failed = suites.flatMap(({ name, cases }) => cases.filter(isFailed).map((one) => failure(name, one)))
  const skipped = suites.flatMap(({ cases }) =>
    cases.filter(isSkipped).map((one) => `SKIP ${titleOf(one)}: ${one.skipped}`),
  )
  return [...shortened(failed, ''), ...skipped]
}

const failure = (suite: string, one: SuiteCase): string =>
  [`FAIL ${suite}: ${titleOf(one)}`, ...shortened(one.faults, '     ')].join('\n')

function titleOf({ file, line, name }: SuiteCase): string {
  if (file === undefined) return name
  return `${file}${line === undefined ? '' : `:${line}`} ${name}`
}

const shortened = (lines: readonly string[], indent: string): readonly string[] => [
  ...lines.slice(0, LISTED).map((line) => `${indent}${line}`),
  ...(lines.length > LISTED ? [`${indent}… and ${lines.length - LISTED} more; --format json names all`] : []),
]

export function partLine({ name, cases, milliseconds }: Suite): string {
  const time = `${(milliseconds / 1000).toFixed(1)} s`
  return `${name.padEnd(WIDTH)}${totalsLine(count(cases))} (${time})`
}

const WIDTH = 12

/** What is not covered is named here unless it is named as a failure already. */
function gateLines(gate: Gate): readonly string[] {
  const { name, least, measured } = gate
  const { percent, covered, total, uncovered } = measured
  const wanted = least > 0 ? `; at least ${least} % wanted` : ''
  return [
    `${name.padEnd(WIDTH)}${percent} % covered, ${covered} of ${total}${wanted}`,
    ...shortened(isShort(gate) ? [] : uncovered.map(formatPolicyFault), ' '.repeat(WIDTH)),
  ]
}

export const totalsLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`
