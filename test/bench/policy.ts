import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { createPolicy, type Policy } from '../../src/pdp/engine.ts'
import type { LoadedBundle } from '../../src/pdp/loaded-bundle.ts'
import { CAPABILITIES, findOpa, POLICIES } from './package.ts'

const run = promisify(execFile)

/**
 * The default policy with files added, compiled by OPA at once: the product's own build parses module by
 * module, which takes a minute for a thousand of them.
 */
export async function compile(files: Readonly<Record<string, string>> = {}): Promise<LoadedBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'))
  try {
    const tree = join(folder, 'policies')
    await cp(POLICIES, tree, { recursive: true })
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true })
      await writeFile(join(tree, path), content)
    }
    const out = join(folder, 'bundle.tar.gz')
    const what = ['-t', 'wasm', '-b', '.', '-o', out, '-e', 'mcp/main/decision', '-e', 'mcp/log/mask']
    const how = ['--prune-unused', '--ignore', '*_test.rego', '--capabilities', CAPABILITIES]
    await run(await findOpa(), ['build', ...what, ...how], { cwd: tree, timeout: 120_000 })
    const bundle = await readBundle(await readFile(out))
    if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
    return bundle.value
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function policyOf(bundle: LoadedBundle): Promise<Policy> {
  const policy = await createPolicy(bundle, { now: () => performance.now() })
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  return policy.value
}
