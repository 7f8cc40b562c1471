import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { prepare, root } from './setup.js'

/** @typedef {{ passed: number, failed: number, output?: string }} Outcome */

const { opa = 'opa', regal = 'regal' } = await prepare({ opa: true, regal: true, bundle: true }).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.stdout.write('0 passed, 1 failed\n')
  process.exit(1)
})
const env = { ...process.env, PORTCULLIS_OPA: opa, PORTCULLIS_REGAL: regal }

// Jest finds what has its own script elsewhere: the MCP conformance suite, benchmarks, browsers, long fuzzing.
const APART = [
  '/node_modules/',
  '<rootDir>/test/conformance/mcp/',
  '<rootDir>/test/bench/',
  '<rootDir>/test/browser/',
  '<rootDir>/test/clients/',
  '<rootDir>/test/fuzz/',
]

/** @type {readonly [string, () => Outcome | Promise<Outcome>][]} */
const STEPS = [
  [
    'format and lint',
    () => check('node_modules/@biomejs/biome/bin/biome', 'check', '--config-path=scripts', 'src', 'test'),
  ],
  // By name: the generated files among them are as their generator writes them.
  [
    'lint of scripts',
    () => check('../node_modules/@biomejs/biome/bin/biome', 'check', ...scripts(), { cwd: join(root, 'scripts') }),
  ],
  ['types', () => check('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json')],
  ['policy: check', () => check('scripts/portcullis.js', 'check', 'policies')],
  ['policy: Rego tests and cases', testPolicies],
  ['policy: builtins and forms', () => jest('test/policy')],
  ['jest', () => jest('--testPathIgnorePatterns', ...APART, '<rootDir>/test/policy/')],
]

let passed = 0
let failed = 0
for (const [name, step] of STEPS) {
  const started = performance.now()
  const result = await step()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  passed += result.passed
  failed += result.failed
  if (result.failed > 0) process.stdout.write(`${result.output ?? ''}\n`)
  const counted = result.passed + result.failed > 1 ? `, ${result.passed} passed, ${result.failed} failed` : ''
  process.stdout.write(`${result.failed === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s${counted})\n`)
}
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

function scripts() {
  return ['.', 'policy'].flatMap((folder) =>
    readdirSync(join(root, 'scripts', folder))
      .filter((name) => name.endsWith('.js'))
      .map((name) => `${folder}/${name}`),
  )
}

/** @param {{ cwd?: string }} more */
function options(more = {}) {
  return /** @type {const} */ ({ cwd: root, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...more })
}

/**
 * A check is not a test: it counts only when it fails.
 *
 * @param {import('node:child_process').SpawnSyncReturns<string>} run
 * @returns {Outcome}
 */
function outcome({ status, stdout, stderr, error }) {
  return { passed: 0, failed: status === 0 ? 0 : 1, output: error ? error.message : `${stdout}${stderr}` }
}

/** @param {...(string | { cwd: string })} args */
function check(...args) {
  const last = args.at(-1)
  const more = typeof last === 'object' ? last : {}
  const words = args.filter((arg) => typeof arg === 'string')
  return outcome(spawnSync(process.execPath, words, options(more)))
}

async function testPolicies() {
  const [{ testPolicy }, { pretty, totals }, { TESTED_PRODUCT }] = await Promise.all([
    import('../dist/pap/test/test-policy.js'),
    import('../dist/cli/test/summary.js'),
    import('../dist/app/inquiry/tested-product.js'),
  ])
  const tested = await testPolicy({
    ...TESTED_PRODUCT,
    policyDir: join(root, 'policies'),
    casesDir: join(root, 'test/policy/cases'),
    root,
    opa,
    capabilities: {
      build: join(root, 'scripts/policy/capabilities.build.json'),
      test: join(root, 'scripts/policy/capabilities.test.json'),
    },
    minimums: { coverage: 100, catalogue: 100 },
    now: () => performance.now(),
  })
  if (!tested.ok) return { passed: 0, failed: tested.error.length, output: tested.error.map(line).join('\n') }
  const { passed, failed, skipped } = totals(tested.value.suites)
  return { passed, failed: failed + skipped, output: pretty(tested.value) }
}

/** @param {{ file?: string, line?: number, message: string, remedy: string }} fault */
function line({ file, line, message, remedy }) {
  return `  ${[file, line].filter((part) => part !== undefined).join(':')} ${message}. ${remedy}.`
}

/**
 * @param {...string} args
 * @returns {Outcome}
 */
function jest(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-jest-'))
  const report = join(folder, 'report.json')
  try {
    const run = spawnSync(
      process.execPath,
      [
        '--no-warnings',
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        '--json',
        '--outputFile',
        report,
        // Workers are renewed when they grow: modules of files that were run stay in memory.
        '--maxWorkers=2',
        ...args,
      ],
      options(),
    )
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    // A file that could not even be loaded has no tests to count.
    const broken = testResults.filter(
      (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
    )
    const failures = numFailedTests + broken.length
    return { passed: numPassedTests, failed: failures || (run.status === 0 ? 0 : 1), output: run.stderr }
  } catch (error) {
    return { passed: 0, failed: 1, output: `Jest gave no report: ${error}` }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
