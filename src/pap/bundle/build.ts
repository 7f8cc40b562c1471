import { resolve } from 'node:path'
import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { structureFaults } from '../check/structure.ts'
import { located, type Module, parseModules } from '../rego/module.ts'
import { contentRevision, type PolicyTree, readPolicyTree, vouchedTools } from '../rego/tree.ts'
import type { Case } from '../test/cases.ts'
import { writeArchive } from './archive.ts'
import { compileTree } from './compile.ts'
import { isFolder, withCopy } from './copy.ts'
import { type BundleFiles, SMOKE } from './documents.ts'
import { type Signing, signFiles } from './sign.ts'
import { packSmoke } from './smoke-file.ts'
import { writeWhole } from './write.ts'

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
  /** Its place in the order of releases; else what the tree's own manifest says. */
  readonly version?: number
  /** Asked by everyone who loads the bundle. */
  readonly smoke?: readonly Case[]
  readonly signing?: Signing
}

export type Packed = { readonly bytes: Uint8Array; readonly revision: string }
export type Built = { readonly file: string; readonly revision: string; readonly sha256: string }

/** Compiles a policy tree into a bundle with the same bytes wherever it is built, and writes it to `out`. */
export async function buildBundle(
  options: BuildOptions & { readonly out: string },
): Promise<Result<Built, readonly PolicyFault[]>> {
  const packed = await packBundle(options)
  return packed.ok ? writeBundle(packed.value, options.out) : packed
}

export async function writeBundle(
  { bytes, revision }: Packed,
  out: string,
): Promise<Result<Built, readonly PolicyFault[]>> {
  const file = resolve(out)
  const written = await writeWhole(file, bytes)
  return written.ok ? ok({ file, revision, sha256: sha256(bytes) }) : err([written.error])
}

/** As `buildBundle`, in memory. */
export async function packBundle(options: BuildOptions): Promise<Result<Packed, readonly PolicyFault[]>> {
  const smoke = options.smoke === undefined ? ok(undefined) : packSmoke(options.smoke)
  if (!smoke.ok) return smoke
  // From a copy: what is built is what was checked, and nothing that the check does not look at.
  return withCopy(options.policyDir, async (policyDir, folder) => {
    const checked = await checkTree({ ...options, policyDir })
    if (!checked.ok) return checked
    const { tree, modules } = checked.value
    const revision = options.revision ?? (await contentRevision(tree))
    const compiled = await compileTree(tree, modules, { ...options, revision, folder })
    if (!compiled.ok) return compiled
    const files: BundleFiles =
      smoke.value === undefined ? compiled.value : new Map([...compiled.value, [SMOKE, smoke.value]])
    const signed = options.signing === undefined ? files : await signFiles(files, options.signing)
    return ok({ bytes: writeArchive(signed), revision })
  })
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
  const faults = await located(options.opa, tree, modules.value, (all) => structureFaults(tree, all, tools))
  return faults.length > 0 ? err(faults) : ok({ tree, modules: modules.value })
}
