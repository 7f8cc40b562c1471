import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The policy that comes with the package. */
export const DEFAULT_POLICIES = fromRoot('policies')
/** The builtins that a compiled policy may use. */
export const BUILD_CAPABILITIES = fromRoot('scripts/policy/capabilities.build.json')
export const TEST_CAPABILITIES = fromRoot('scripts/policy/capabilities.test.json')
export const POLICY_SCHEMAS = fromRoot('scripts/policy/schemas')
export const DEFAULT_CASES = fromRoot('test/policy/cases')

export const VERSION = String(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).version)

/** The `opa` command, found or made by the package's own tool chain. Throws a message that says what to do. */
export async function findOpa(): Promise<string> {
  const { findTool }: { findTool: (tool: 'opa') => Promise<string> } = await import(fromRoot('scripts/toolchain.js'))
  return findTool('opa')
}
