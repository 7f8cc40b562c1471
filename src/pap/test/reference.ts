import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Decided } from '../../model/decision.ts'
import { formatPolicyFault, type PolicyFault } from '../../model/policy-fault.ts'
import type { SuiteCase } from '../../model/suite.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import type { CaseRun } from './case-run.ts'
import type { Case } from './cases.ts'
import { unordered } from './difference.ts'

/**
 * Decides every case once more, by `opa eval`: a decision that differs is a fault of the compiler or of its
 * host. A case without a decision is a fault already, and would stop OPA for all.
 */
export async function compareWithOpa(
  runs: readonly CaseRun[],
  place: { readonly policyDir: string; readonly opa: string },
): Promise<readonly SuiteCase[]> {
  const decided = runs.filter((run) => run.decided.effect !== 'indeterminate')
  if (decided.length === 0) return []
  const cases = decided.map((run) => run.case)
  const decisions = await decideAll(cases, place)
  if (!decisions.ok) return [{ name: 'opa eval', faults: decisions.error.map(formatPolicyFault) }]
  return decided.map((run, index) => {
    const { name, file, line } = run.case
    return { name, file, line, faults: comparison(run.decided, decisions.value[nameOf(index)]) }
  })
}

function comparison(decided: Decided, reference: unknown): readonly string[] {
  const [wasm, opa] = [unordered(decided), unordered(reference)]
  return isDeepStrictEqual(wasm, opa)
    ? []
    : [`WASM decides ${JSON.stringify(wasm)}, opa eval ${JSON.stringify(opa) ?? 'nothing'}`]
}

const nameOf = (index: number): string => `case_${index}`

function ruleOf({ data = {} }: Case, index: number): string {
  const own = `data.portcullis.${nameOf(index)}`
  const replaced = Object.keys(data).map(
    (name) => ` with data.mcp[${JSON.stringify(name)}] as ${own}.data[${JSON.stringify(name)}]`,
  )
  const question = `data.mcp.main.decision with input as ${own}.input${replaced.join('')}`
  return `${nameOf(index)} := decision if {\n  decision := ${question}\n}\n`
}

/**
 * One run of OPA, with a rule for each case in a module of its own: a comprehension over inputs in the
 * query once gave a wrong answer. Inputs are data, which OPA reads faster than terms of a module (measured).
 */
async function decideAll(
  cases: readonly Case[],
  { policyDir, opa }: { readonly policyDir: string; readonly opa: string },
): Promise<Result<Readonly<Record<string, unknown>>, readonly PolicyFault[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-cases-'))
  try {
    const module = join(folder, 'cases.rego')
    const data = join(folder, 'cases.json')
    await writeFile(module, ['package portcullis_cases\n', ...cases.map(ruleOf)].join('\n'))
    const documents = cases.map((one, index) => [nameOf(index), { input: one.input, data: one.data ?? {} }])
    await writeFile(data, JSON.stringify({ portcullis: Object.fromEntries(documents) }))
    const args = ['eval', '--format', 'json', '--ignore', '*_test.rego', '-d', '.', '-d', module, '-d', data]
    const run = await runOpa(opa, [...args, 'data.portcullis_cases'], resolve(policyDir))
    if (run.code !== 0) return err(opaFaults(run, 'Correct the policy; `portcullis check` shows the same'))
    const { result }: { result: readonly [{ expressions: readonly [{ value: Record<string, unknown> }] }] } =
      JSON.parse(run.stdout)
    return ok(result[0].expressions[0].value)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
