import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBundle } from '../../src/pap/bundle/read.ts'
import type { LoadedBundle } from '../../src/pdp/loaded-bundle.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const capabilities = join(root, 'scripts/policy/capabilities.build.json')

/** The OPA that `npm test` uses. The scripts are plain JavaScript, out of sight of the type checker. */
export async function findOpa(): Promise<string> {
  const script: string = new URL('../../scripts/toolchain.js', import.meta.url).href
  const { findTool }: { findTool: (name: 'opa') => Promise<string> } = await import(script)
  return findTool('opa')
}

/** Writes a tree of files into a new temporary folder. */
export function writeTree(files: Readonly<Record<string, string>>): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), content)
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** Compiles a policy with OPA alone, so that it may be one that `build` would refuse. */
export async function compileWith(
  opa: string,
  files: Readonly<Record<string, string>>,
  entrypoints: readonly string[] = ['mcp/main/decision'],
): Promise<LoadedBundle> {
  const tree = writeTree({ '.manifest': '{"roots":["mcp"],"rego_version":1}', ...files })
  const out = writeTree({})
  try {
    const file = join(out.dir, 'bundle.tar.gz')
    const asked = entrypoints.flatMap((entrypoint) => ['-e', entrypoint])
    const built = spawnSync(opa, ['build', '-t', 'wasm', '-b', '.', '-o', file, '-r', 'test', ...asked], {
      cwd: tree.dir,
    })
    if (built.status !== 0) throw new Error(`${built.stdout}${built.stderr}`)
    const bundle = await readBundle(readFileSync(file))
    if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
    return bundle.value
  } finally {
    tree.remove()
    out.remove()
  }
}
