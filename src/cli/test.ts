import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { BUILTIN_TOOL_NAMES } from '../app/inquiry.ts'
import type { Result } from '../lib/result.ts'
import { formatPolicyFault, type PolicyFault } from '../model/policy-fault.ts'
import { loadPolicy } from '../pap/activation/load.ts'
import { runCases } from '../pap/test/case-run.ts'
import { type Case, readCases } from '../pap/test/cases.ts'
import { testRego } from '../pap/test/rego.ts'
import { EXIT } from './exit-code.ts'
import { BUILD_CAPABILITIES, DEFAULT_CASES, DEFAULT_POLICIES, findOpa, TEST_CAPABILITIES } from './package.ts'
import { failWithFaults } from './report.ts'

type Flags = { readonly cases: string; readonly coverageMin: number }
type Tally = { readonly passed: number; readonly failed: readonly string[] }

export const testCommand = (): Command =>
  new Command('test')
    .description('Run the Rego tests of a policy, then its cases on the compiled WASM and against opa eval')
    .argument('[folder]', 'root of the policy tree', DEFAULT_POLICIES)
    .option('--cases <folder>', 'folder of YAML cases', DEFAULT_CASES)
    .addOption(
      new Option('--coverage-min <percent>', 'least part of the policy lines that tests reach')
        .argParser(toPercent)
        .default(100),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  portcullis test\n  portcullis test ./policies --cases ./cases --coverage-min 90',
    )
    .action(test)

function toPercent(text: string): number {
  const percent = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(percent >= 0 && percent <= 100)) throw new InvalidArgumentError('Write a number from 0 to 100.')
  return percent
}

async function test(policyDir: string, flags: Flags): Promise<void> {
  const opa = await findOpa()
  const cases = await readFolder(flags.cases)
  if (!cases.ok) return failWithFaults(`${flags.cases} cannot be read:`, cases.error)
  const tools = BUILTIN_TOOL_NAMES
  const now = () => performance.now()
  const policy = await loadPolicy(
    { dir: policyDir },
    { opa: async () => opa, capabilities: BUILD_CAPABILITIES, tools, now },
  )
  if (!policy.ok) return failWithFaults(`${policyDir} cannot be used:`, policy.error)

  const rego = await regoTally(policyDir, opa, flags.coverageMin)
  const ran = await runCases({ cases: cases.value, policy: policy.value, policyDir, opa })
  policy.value.close()
  if (!ran.ok) return failWithFaults('The cases cannot be run with opa eval:', ran.error)
  const wrong = ran.value.filter(({ faults }) => faults.length > 0)
  const failed = wrong.flatMap(({ file, note, faults }) => faults.map((fault) => `${file}: ${note}: ${fault}`))
  print(`${ran.value.length} cases on WASM and with opa eval`, { passed: ran.value.length - wrong.length, failed })
  const count = wrong.length + rego.failed.length
  process.stdout.write(`${rego.passed + ran.value.length - wrong.length} passed, ${count} failed\n`)
  process.exitCode = count === 0 ? EXIT.ok : EXIT.finding
}

async function regoTally(policyDir: string, opa: string, coverageMin: number): Promise<Tally> {
  const { passed, failed, coverage, uncovered } = await testRego({ policyDir, opa, capabilities: TEST_CAPABILITIES })
  const short = coverage >= coverageMin ? [] : uncovered.map(formatPolicyFault)
  const tally = { passed, failed: [...failed.map(formatPolicyFault), ...short] }
  print(`${passed} Rego tests, ${coverage} % of the policy lines covered`, tally)
  return tally
}

function print(title: string, { failed }: Tally): void {
  process.stdout.write([title, ...failed.map((line) => `  FAIL ${line}`), ''].join('\n'))
}

/** Every case of every YAML file below a folder. */
async function readFolder(folder: string): Promise<Result<readonly Case[], readonly PolicyFault[]>> {
  const files = await readdir(folder, { recursive: true }).catch(() => undefined)
  if (files === undefined) {
    return {
      ok: false,
      error: [{ message: 'there is no such folder', remedy: 'Name a folder of YAML cases: --cases DIR' }],
    }
  }
  const names = files.filter((file) => file.endsWith('.yaml')).sort()
  const read = await Promise.all(names.map(async (file) => readCases(await readFile(join(folder, file), 'utf8'), file)))
  const faults = read.flatMap((part) => (part.ok ? [] : part.error))
  return faults.length > 0
    ? { ok: false, error: faults }
    : { ok: true, value: read.flatMap((part) => (part.ok ? part.value : [])) }
}
