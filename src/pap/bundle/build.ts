import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { structureFaults } from '../check/structure.ts'
import { type Module, parseModules, pathOf } from '../rego/module.ts'
import { runOpa } from '../rego/opa.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import { contentRevision, isForeign, type PolicyTree, readPolicyTree, vouchedTools } from '../rego/tree.ts'
import { readArchive, writeArchive } from './archive.ts'

export type BuildOptions = {
  /** Root of the policy tree. */
  readonly policyDir: string
  /** The `opa` command. */
  readonly opa: string
  /** Capabilities file: the builtins that a policy may use. */
  readonly capabilities: string
  /** Names of the tools that the catalogue knows. */
  readonly tools: readonly string[]
  /** Else a hash of what the tree says. */
  readonly revision?: string
}

export type Built = { readonly file: string; readonly revision: string; readonly sha256: string }

const ENTRYPOINTS = ['mcp/main/decision', 'mcp/main/report', 'mcp/log/mask']

/** Compiles a policy tree into a bundle with the same bytes wherever it is built, and writes it to `out`. */
export async function buildBundle(
  options: BuildOptions & { readonly out: string },
): Promise<Result<Built, readonly PolicyFault[]>> {
  const packed = await packBundle(options)
  if (!packed.ok) return packed
  const { bytes, revision } = packed.value
  const file = resolve(options.out)
  const temporary = `${file}.${process.pid}`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(temporary, bytes)
  await rename(temporary, file)
  return ok({ file, revision, sha256: sha256(bytes) })
}

/** As `buildBundle`, in memory. */
export async function packBundle(
  options: BuildOptions,
): Promise<Result<{ bytes: Uint8Array; revision: string }, readonly PolicyFault[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-build-'))
  try {
    // From a copy: what is built is what was checked, and nothing that the check does not look at.
    const policyDir = join(folder, 'policies')
    if (await isFolder(options.policyDir)) await copyTree(resolve(options.policyDir), policyDir)
    const checked = await checkTree({ ...options, policyDir })
    if (!checked.ok) return checked
    const { tree, modules } = checked.value
    const revision = options.revision ?? (await contentRevision(tree))
    const out = join(folder, 'bundle.tar.gz')
    const run = await runOpa(
      options.opa,
      buildArguments(resolve(options.capabilities), out, revision, modules),
      policyDir,
    )
    if (run.code !== 0) return err(opaFaults(run, 'Correct the policy; `portcullis check` shows the same'))
    const files = readArchive(gunzipSync(await readFile(out)))
    if (!files.ok) return err([{ message: `what opa built ${files.error}`, remedy: 'Build with OPA 1.22' }])
    return ok({ bytes: writeArchive(files.value), revision })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Reads a policy tree and refuses what its structure would let pass in silence. */
export async function checkTree(
  options: Pick<BuildOptions, 'policyDir' | 'opa' | 'tools'>,
): Promise<Result<{ tree: PolicyTree; modules: readonly Module[] }, readonly PolicyFault[]>> {
  const root = resolve(options.policyDir)
  if (!(await isFolder(root))) {
    return err([{ message: 'there is no such policy folder', remedy: 'Name the root of a policy tree' }])
  }
  const tree = await readPolicyTree(root)
  const modules = await parseModules(options.opa, tree)
  if (!modules.ok) return modules
  const tools = new Set([...options.tools, ...(await vouchedTools(tree))])
  const faults = structureFaults(tree, modules.value, tools)
  return faults.length > 0 ? err(faults) : ok({ tree, modules: modules.value })
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

const copyTree = (from: string, to: string): Promise<void> =>
  cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path === from || basename(path) === '.manifest' || !isForeign(basename(path)),
  })

function buildArguments(capabilities: string, out: string, revision: string, modules: readonly Module[]): string[] {
  const defined = new Set(modules.flatMap((module) => module.rules.map((rule) => pathOf(module, rule).join('/'))))
  const entrypoints = ENTRYPOINTS.filter((path) => defined.has(path))
  return [
    'build',
    ...['-t', 'wasm', '-b', '.', '-o', out, '-r', revision],
    ...['--prune-unused', '--ignore', '*_test.rego', '--capabilities', capabilities],
    ...entrypoints.flatMap((path) => ['-e', path]),
  ]
}
