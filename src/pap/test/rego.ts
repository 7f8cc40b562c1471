import { resolve } from 'node:path'
import { compareText } from '../../lib/compare.ts'
import type { SuiteCase } from '../../model/suite.ts'
import { type OpaRun, runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'

export type RegoPlace = { readonly policyDir: string; readonly opa: string; readonly capabilities: string }

type SubResults = { readonly [name: string]: { readonly fail?: boolean; readonly sub_results?: SubResults } }
type TestResult = {
  readonly package: string
  readonly name: string
  readonly fail?: boolean
  readonly error?: unknown
  readonly skip?: boolean
  readonly location?: { readonly file: string; readonly row: number }
  readonly sub_results?: SubResults
}

/** The name of what is no test of its own: that none could run. */
export const OPA_TEST = 'opa test'

/** `opa test`, each case of a parameterised test counted. Without any test there is one fault. */
export async function testRego(place: RegoPlace): Promise<readonly SuiteCase[]> {
  const run = await runOpaTest(place)
  const results = parsed<readonly TestResult[]>(run.stdout)
  if (results === undefined) return brokenTests(run)
  if (results.length === 0)
    return [{ name: OPA_TEST, faults: ['finds no tests: add a file *_test.rego beside a rule'] }]
  // OPA runs tests side by side and reports each as it ends.
  return results.flatMap(toCases).toSorted(byPlace)
}

export const runOpaTest = ({ policyDir, opa, capabilities }: RegoPlace, ...args: readonly string[]): Promise<OpaRun> =>
  runOpa(opa, ['test', '--format', 'json', '--capabilities', resolve(capabilities), ...args, '.'], resolve(policyDir))

/** Why no test could run. Lines of the source that OPA quotes below an error are not faults of their own. */
function brokenTests(run: OpaRun): readonly SuiteCase[] {
  const stderr = run.stderr.replace(/ occurred during loading:/, ' occurred:')
  const faults = opaFaults({ ...run, stderr }, 'Correct the tests')
  const placed = faults.filter(({ file }) => file !== undefined)
  return (placed.length > 0 ? placed : faults).map(({ message, remedy, ...place }) => ({
    name: OPA_TEST,
    ...place,
    faults: [`${message}; ${remedy}`],
  }))
}

const byPlace = (a: SuiteCase, b: SuiteCase): number =>
  compareText(a.file ?? '', b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || compareText(a.name, b.name)

function toCases(test: TestResult): readonly SuiteCase[] {
  const { location, error, skip, fail } = test
  const place = location === undefined ? {} : { file: location.file, line: location.row }
  const name = `${test.package.replace(/^data\./, '')}.${test.name}`
  if (skip === true) return [{ ...place, name, faults: ['is skipped without a reason: finish or remove it'] }]
  if (error !== undefined) return [{ ...place, name, faults: [`breaks: ${errorText(error)}`] }]
  const cases = leaves(test.sub_results)
  if (cases.length === 0) return [{ ...place, name, faults: fail === true ? ['fails'] : [] }]
  const failed = cases.some((leaf) => leaf.fail)
  // A parameterised test can fail as a whole although none of its cases does.
  const whole = fail === true && !failed ? [{ ...place, name, faults: ['fails'] }] : []
  return [
    ...whole,
    ...cases.map((leaf) => ({ ...place, name: `${name}: ${leaf.name}`, faults: leaf.fail ? ['fails'] : [] })),
  ]
}

function leaves(results: SubResults | undefined): readonly { name: string; fail: boolean }[] {
  return Object.entries(results ?? {}).flatMap(([name, result]) => {
    const inner = leaves(result.sub_results)
    return inner.length > 0
      ? inner.map((leaf) => ({ ...leaf, name: `${name}: ${leaf.name}` }))
      : [{ name, fail: result.fail === true }]
  })
}

const errorText = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error)

export function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
