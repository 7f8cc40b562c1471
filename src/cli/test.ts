import { relative, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { TESTED_PRODUCT } from '../app/inquiry/tested-product.ts'
import { writeWhole } from '../pap/bundle/write.ts'
import { lcov } from '../pap/test/lcov.ts'
import { testPolicy } from '../pap/test/test-policy.ts'
import type { TestOptions, TestReport } from '../pap/test/tester.ts'
import { EXIT } from './exit-code.ts'
import { BUILD_CAPABILITIES, DEFAULT_CASES, DEFAULT_POLICIES, findOpa, TEST_CAPABILITIES } from './package.ts'
import { fail, failWithFaults } from './report.ts'
import { FORMATS, type Format, faultAnnotations } from './test/formats.ts'
import { totals } from './test/summary.ts'
import { watchTests } from './test/watch.ts'

type Flags = {
  readonly cases: string
  readonly filter?: string
  readonly watch?: true
  readonly format: Format
  readonly coverageMin: number
  readonly catalogueMin: number
  readonly lcov?: string
}

const EXAMPLES = `
Rego tests are found beside the rules (*_test.rego). Cases are YAML files, decided on the compiled policy and
compared with opa eval; begin one with
  # yaml-language-server: $schema=<path>/test/policy/case.schema.json
and an editor completes it.

Examples:
  portcullis test
  portcullis test ./policies --cases ./cases --coverage-min 90 --catalogue-min 100
  portcullis test ./policies --cases ./cases --filter paths.outside
  portcullis test --watch
  portcullis test --format junit > tests.xml
  portcullis test --lcov coverage.lcov`

export const testCommand = (): Command =>
  new Command('test')
    .description('Run the Rego tests of a policy, then its cases on the compiled WASM and against opa eval')
    .argument('[folder]', 'root of the policy tree', DEFAULT_POLICIES)
    .option('--cases <folder>', 'folder of YAML cases', DEFAULT_CASES)
    .option('--filter <text>', 'only what has this in its file or name; nothing is said of coverage then')
    .option('--watch', 'test again after every change')
    .addOption(new Option('--format <format>', 'how to say it').choices(Object.keys(FORMATS)).default('pretty'))
    .addOption(percentage('--coverage-min', 'of lines by Rego tests, and of rules by cases, must be covered', 100))
    .addOption(percentage('--catalogue-min', 'of tools must be seen permitted, denied, and denied a path', 0))
    .option('--lcov <file>', 'write which lines Rego tests reach, as LCOV')
    .addHelpText('after', EXAMPLES)
    .action(test)

const percentage = (flag: string, what: string, least: number): Option =>
  new Option(`${flag} <percent>`, what).argParser(toPercent).default(least)

function toPercent(text: string): number {
  const percent = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(percent >= 0 && percent <= 100)) throw new InvalidArgumentError('Write a number from 0 to 100.')
  return percent
}

async function test(policyDir: string, flags: Flags): Promise<void> {
  if (flags.watch && (flags.format !== 'pretty' || flags.lcov !== undefined)) {
    return fail(EXIT.usage, '--watch writes for a person; leave --format and --lcov out')
  }
  if (flags.filter !== undefined && flags.lcov !== undefined) {
    return fail(EXIT.usage, '--filter leaves lines out that --lcov would call unreached; give one of them')
  }
  const options = await optionsOf(policyDir, flags)
  if (flags.watch) return watchTests(options)
  const tested = await testPolicy(options)
  if (!tested.ok) {
    if (flags.format === 'github') process.stdout.write(faultAnnotations(tested.error))
    return failWithFaults(`${policyDir} cannot be tested:`, tested.error)
  }
  process.stdout.write(FORMATS[flags.format](tested.value))
  process.exitCode = totals(tested.value.suites).failed === 0 ? EXIT.ok : EXIT.finding
  if (flags.lcov !== undefined) await writeLcov(flags.lcov, tested.value)
}

async function optionsOf(policyDir: string, flags: Flags): Promise<TestOptions> {
  const { cases, filter, coverageMin, catalogueMin } = flags
  return {
    ...TESTED_PRODUCT,
    policyDir,
    casesDir: cases,
    root: process.cwd(),
    opa: await findOpa(),
    capabilities: { build: BUILD_CAPABILITIES, test: TEST_CAPABILITIES },
    minimums: { coverage: coverageMin, catalogue: catalogueMin },
    ...(filter !== undefined && { filter }),
    now: () => performance.now(),
  }
}

async function writeLcov(file: string, { coverage }: TestReport): Promise<void> {
  if (coverage?.lines === undefined) {
    return void process.stderr.write(`${file} is not written: OPA counts no lines while a Rego test fails\n`)
  }
  const written = await writeWhole(resolve(file), new TextEncoder().encode(lcov(coverage.lines.files)))
  if (!written.ok) failWithFaults(`${relative(process.cwd(), file)}:`, [written.error])
}
