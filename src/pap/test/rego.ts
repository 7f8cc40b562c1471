import { resolve } from 'node:path'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'

type Place = { readonly policyDir: string; readonly opa: string }

export type RegoTests = {
  readonly passed: number
  readonly failed: readonly PolicyFault[]
  /** Per cent of the lines of the policy that the tests reach. */
  readonly coverage: number
  readonly uncovered: readonly PolicyFault[]
}

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
type Report = {
  readonly coverage: number
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly not_covered?: readonly {
          readonly start: { readonly row: number }
        }[]
      }
    >
  >
}

/** `opa test`, each case of a parameterised test counted, and the lines that no test reaches. */
export async function testRego(place: Place & { readonly capabilities: string }): Promise<RegoTests> {
  const run = (...args: readonly string[]) =>
    runOpa(
      place.opa,
      ['test', '--format', 'json', '--capabilities', resolve(place.capabilities), ...args, '.'],
      resolve(place.policyDir),
    )
  const [tests, covered] = await Promise.all([run(), run('--coverage')])
  const results = parsed<readonly TestResult[]>(tests.stdout)
  if (results === undefined || results.length === 0) {
    const faults = opaFaults(tests, 'Correct the tests')
    return { passed: 0, failed: faults, coverage: 0, uncovered: [] }
  }
  const failed = results.flatMap(testFaults)
  const total = results.reduce((sum, test) => sum + Math.max(1, leaves(test.sub_results).length), 0)
  const report = parsed<Report>(covered.stdout) ?? { coverage: 0 }
  return { passed: total - failed.length, failed, coverage: report.coverage, uncovered: uncoveredIn(report) }
}

function testFaults(test: TestResult): readonly PolicyFault[] {
  if (!(test.fail === true || test.error !== undefined || test.skip === true)) return []
  const place = test.location === undefined ? {} : { file: test.location.file, line: test.location.row }
  const remedy =
    test.skip === true ? 'Finish or remove it: skipped tests count as failed' : 'Correct the rule or its test'
  const cases = leaves(test.sub_results).filter(({ fail }) => fail)
  const names = cases.length === 0 ? [test.name] : cases.map(({ name }) => `${test.name}: ${name}`)
  return names.map((name) => ({ ...place, message: `${test.package}.${name}`, remedy }))
}

function leaves(results: SubResults | undefined): readonly { name: string; fail: boolean }[] {
  return Object.entries(results ?? {}).flatMap(([name, result]) => {
    const inner = leaves(result.sub_results)
    return inner.length > 0
      ? inner.map((leaf) => ({ ...leaf, name: `${name}: ${leaf.name}` }))
      : [{ name, fail: result.fail === true }]
  })
}

function uncoveredIn(report: Report): readonly PolicyFault[] {
  return Object.entries(report.files ?? {}).flatMap(([file, { not_covered = [] }]) => {
    // OPA reports parts of lines; the line is what one looks for.
    const lines = new Set(not_covered.map(({ start }) => start.row))
    const remedy = 'Add a case that reaches it, or remove it'
    return [...lines].map((line) => ({ file, line, message: 'is not reached by any test', remedy }))
  })
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
