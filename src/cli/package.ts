import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { thrownText } from '../lib/thrown-text.ts'

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const PACKAGE_ROOT = fromRoot('')
/** The policy that comes with the package. */
export const DEFAULT_POLICIES = fromRoot('policies')
/** The builtins that a compiled policy may use. */
export const BUILD_CAPABILITIES = fromRoot('scripts/policy/capabilities.build.json')
export const TEST_CAPABILITIES = fromRoot('scripts/policy/capabilities.test.json')
export const POLICY_SCHEMAS = fromRoot('scripts/policy/schemas')
/** Settings of Regal; they name files relative to the root of the package. */
export const LINT_SETTINGS = fromRoot('scripts/policy/regal.yaml')
export const DEFAULT_CASES = fromRoot('test/policy/cases')
export const CASE_SCHEMA = fromRoot('test/policy/case.schema.json')

export const VERSION = String(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).version)

/** A command that is needed and that this machine lacks; the message says what to do. */
export class MissingTool extends Error {}

/** The `opa` command, found or made by the package's own tool chain, or a `MissingTool`. */
export const findOpa = (): Promise<string> => findTool('opa')
/** As `findOpa`, for `regal`. */
export const findRegal = (): Promise<string> => findTool('regal')

async function findTool(name: 'opa' | 'regal'): Promise<string> {
  const toolchain: { findTool: (tool: typeof name) => Promise<string> } = await import(fromRoot('scripts/toolchain.js'))
  return toolchain.findTool(name).catch((cause: unknown) => {
    throw new MissingTool(thrownText(cause), { cause })
  })
}
