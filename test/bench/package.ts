import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// `run.js` starts everything in the root of the repository: these modules are compiled to another place.
export const POLICIES = resolve('policies')
export const CAPABILITIES = resolve('scripts/policy/capabilities.build.json')

/** The OPA that everything else here uses. The script is plain JavaScript, out of sight of the type checker. */
export async function findOpa(): Promise<string> {
  const script: string = pathToFileURL(resolve('scripts/toolchain.js')).href
  const { findTool }: { findTool: (name: 'opa') => Promise<string> } = await import(script)
  return findTool('opa')
}
