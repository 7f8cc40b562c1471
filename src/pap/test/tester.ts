import { relative, resolve } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Suite, SuiteCase } from '../../model/suite.ts'
import { dataFaults } from '../check/data-faults.ts'
import { createCaseReader } from './case-files.ts'
import { type CaseRun, caseResult, type MaskRecord, runCases, skippedCase } from './case-run.ts'
import type { Case } from './cases.ts'
import { type CatalogueTool, catalogueCoverage, withVouched } from './catalogue-coverage.ts'
import { type Compiled, createCompiler } from './compile.ts'
import { type Coverage, coverageSuite, type Gate, gatesOf, type Minimums, withinRoot } from './coverage.ts'
import { lineCoverage } from './line-coverage.ts'
import { createPolicies } from './policies.ts'
import { compareWithOpa } from './reference.ts'
import { OPA_TEST, testRego } from './rego.ts'
import { ruleCoverage } from './rule-coverage.ts'

export type TestOptions = {
  readonly policyDir: string
  readonly casesDir: string
  /** What names of files in the report are relative to. */
  readonly root: string
  readonly opa: string
  /** Capability files: what a compiled policy may use, and what its Rego tests may. */
  readonly capabilities: { readonly build: string; readonly test: string }
  /** The catalogue; tools that the policy describes itself are added. */
  readonly tools: readonly CatalogueTool[]
  readonly maskRecord: MaskRecord
  readonly minimums: Minimums
  /** Only tests and cases whose file or name contains it; nothing is said of coverage then. */
  readonly filter?: string
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/** The first part of a run: what the cases decide on the compiled policy. */
export type Verdict = {
  readonly suite: Suite
  readonly runs: readonly CaseRun[]
  /** Runs the cases that replace data: a policy for each data takes as long as all other cases (measured). */
  readonly onOtherData: () => Promise<readonly CaseRun[]>
  readonly compiled: Compiled
  readonly close: () => Promise<void>
}

export type TestReport = {
  /** Rego tests, cases, those on other data, opa eval and, unless filtered, coverage. */
  readonly suites: readonly Suite[]
  readonly coverage?: Coverage
  readonly gates: readonly Gate[]
  readonly milliseconds: number
}

type Faults = readonly PolicyFault[]

export type PolicyTester = {
  /** Compiles the policy and decides the cases: what one waits for after an edit. */
  readonly decide: () => Promise<Result<Verdict, Faults>>
  /** All the rest, in processes of OPA side by side. */
  readonly complete: (verdict: Verdict) => Promise<Result<TestReport, Faults>>
  /** Files outside of both folders that the cases read. */
  readonly fixtures: () => readonly string[]
  readonly close: () => Promise<void>
}

/** Tests one policy as often as asked; what did not change since the last time is not read again. */
export async function createPolicyTester(options: TestOptions): Promise<PolicyTester> {
  const { opa, now, tools, filter } = options
  const policyDir = resolve(options.policyDir)
  const inRoot = withinRoot(relative(options.root, policyDir))
  const cases = createCaseReader({ casesDir: resolve(options.casesDir), root: options.root })
  const names = tools.map(({ name }) => name)
  const compiler = await createCompiler({ policyDir, opa, capabilities: options.capabilities.build, tools: names })
  const regoPlace = { policyDir, opa, capabilities: options.capabilities.test }

  async function decide(): Promise<Result<Verdict, Faults>> {
    const started = now()
    const [read, compiled] = await Promise.all([cases.read(), compiler.compile()])
    if (!read.ok || !compiled.ok) {
      return err([...(read.ok ? [] : read.error), ...(compiled.ok ? [] : compiled.error.map(inRoot))])
    }
    const inData = dataFaults(compiled.value.bundle.data)
    if (inData.length > 0) return err(inData.map(inRoot))
    const policies = createPolicies(compiled.value.bundle)
    const policy = await policies.on(undefined)
    if (!policy.ok) return err(policy.error.map(inRoot))
    const chosen = read.value.filter(isChosen(filter))
    const asked = chosen.filter(({ skip }) => skip === undefined)
    const run = (some: readonly Case[]) => runCases(some, policies.on, options.maskRecord)
    const runs = await run(asked.filter(({ data }) => data === undefined))
    const results = [...runs.map(caseResult), ...chosen.filter(({ skip }) => skip !== undefined).map(skippedCase)]
    const suite = { name: 'cases', cases: results, milliseconds: now() - started }
    const onOtherData = () => run(asked.filter(({ data }) => data !== undefined))
    return ok({ suite, runs, onOtherData, compiled: compiled.value, close: policies.close })
  }

  async function complete(verdict: Verdict): Promise<Result<TestReport, Faults>> {
    const started = now()
    const { suite } = verdict
    const others = await verdict.onOtherData()
    const runs = [...verdict.runs, ...others]
    const other = { name: 'other data', cases: others.map(caseResult), milliseconds: now() - started }
    const [rego, reference, coverage] = await Promise.all([
      timed('Rego tests', async () => (await testRego(regoPlace)).map(inRoot).filter(isChosen(filter))),
      timed('opa eval', () => compareWithOpa(runs, { policyDir, opa })),
      filter === undefined ? measure(runs, verdict.compiled) : undefined,
    ])
    await verdict.close()
    const tests = [rego, suite, ...(others.length === 0 ? [] : [other])]
    if (tests.every((one) => one.cases.length === 0)) return err([nothingMatches(filter)])
    const gates = coverage === undefined ? [] : gatesOf(coverage, options.minimums)
    return ok({
      suites: [...tests, reference, ...(coverage === undefined ? [] : [coverageSuite(gates)])],
      ...(coverage !== undefined && { coverage }),
      gates,
      milliseconds: suite.milliseconds + now() - started,
    })
  }

  async function measure(runs: readonly CaseRun[], compiled: Compiled): Promise<Coverage> {
    const [lines, rules] = await Promise.all([
      lineCoverage(regoPlace),
      ruleCoverage({ opa, tree: compiled.tree, modules: compiled.modules, runs }),
    ])
    return {
      ...(lines !== undefined && {
        lines: { ...lines, uncovered: lines.uncovered.map(inRoot), files: lines.files.map(inRoot) },
      }),
      rules: { ...rules, uncovered: rules.uncovered.map(inRoot) },
      catalogue: catalogueCoverage(withVouched(tools, compiled.bundle.data), runs),
    }
  }

  async function timed(name: string, run: () => Promise<readonly SuiteCase[]>): Promise<Suite> {
    const started = now()
    return { name, cases: await run(), milliseconds: now() - started }
  }

  return { decide, complete, fixtures: cases.fixtures, close: compiler.close }
}

/** What keeps all Rego tests from running is no matter of choice. */
const isChosen =
  (filter = '') =>
  ({ file = '', name }: Pick<Case | SuiteCase, 'file' | 'name'>): boolean =>
    name === OPA_TEST || `${file}\n${name}`.toLowerCase().includes(filter.toLowerCase())

const nothingMatches = (filter = ''): PolicyFault => ({
  message: `no test and no case has "${filter}" in its file or name`,
  remedy: 'Filter by a part of either, such as the name of a rule or a role',
})
