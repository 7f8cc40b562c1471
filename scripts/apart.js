import { spawnSync } from 'node:child_process'
import { prepare, root } from './setup.js'

/**
 * Runs the jest tests of one folder that `npm test` leaves out, against a fresh build.
 *
 * @param {string} folder
 * @param {() => Readonly<Record<string, string>>} furnish   finds or makes what these tests need: their environment
 */
export async function runApart(folder, furnish) {
  try {
    const { opa = 'opa' } = await prepare({ opa: true, bundle: true })
    const env = { ...process.env, PORTCULLIS_OPA: opa, ...furnish() }
    const jest = ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', folder]
    const { status } = spawnSync(process.execPath, [...jest, ...process.argv.slice(2)], {
      cwd: root,
      env,
      stdio: 'inherit',
    })
    process.exitCode = status ?? 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 3
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`)
}
