import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { readArchive } from '../../pap/bundle/archive.ts'
import { packBundle } from '../../pap/bundle/build.ts'
import { isFolder } from '../../pap/bundle/copy.ts'
import { readBundle } from '../../pap/bundle/read.ts'
import { checkOutTree, placeInRepository } from '../../pap/git/tree.ts'
import { type PolicyTree, readPolicyTree } from '../../pap/rego/tree.ts'
import type { Evaluated } from '../../pap/replay/evaluator.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'

/** A policy that questions are put to. */
export type PolicyVersion = Evaluated & {
  /** Its rules as far as they are at hand; what a bundle was compiled from need not be in it. */
  readonly sources: readonly string[]
}

export type VersionDeps = {
  /** Finds the `opa` command; asked only for what must be compiled. */
  readonly opa: () => Promise<string>
  readonly capabilities: string
}

type Opened = Result<PolicyVersion, readonly PolicyFault[]>

/**
 * A policy folder, a bundle, or a git revision, in this order. A revision without a path means the folder
 * `beside` in that revision, or `policies` of the repository.
 */
export async function openVersion(name: string, beside: string | undefined, deps: VersionDeps): Promise<Opened> {
  const found = await stat(name).catch(() => undefined)
  if (found?.isDirectory()) return compile(name, deps)
  if (found !== undefined) return openBundle(name)
  if (name.endsWith('.tar.gz')) {
    return err([{ file: name, message: 'there is no such bundle', remedy: 'Name a bundle made by `portcullis build`' }])
  }
  return openRevision(name, beside, deps)
}

async function openRevision(name: string, beside: string | undefined, deps: VersionDeps): Promise<Opened> {
  const [revision = '', path] = name.split(/:(.*)/s)
  const folder = beside !== undefined && (await isFolder(beside)) ? resolve(beside) : process.cwd()
  const place = await placeInRepository(folder)
  if (place === undefined) {
    const message = `"${name}" is no folder and no bundle, and ${folder} lies in no git repository`
    return err([{ message, remedy: 'Name a folder, a bundle.tar.gz, or a revision inside a clone' }])
  }
  const same = folder === process.cwd() && beside !== folder ? join(place.path, 'policies') : place.path
  const tree = await checkOutTree(place.root, revision, path?.replace(/\/+$/, '') ?? same)
  if (!tree.ok) return tree
  try {
    return await compile(tree.value.dir, deps)
  } finally {
    await tree.value.remove()
  }
}

async function compile(dir: string, { opa, capabilities }: VersionDeps): Promise<Opened> {
  const command = await opa()
  const tools = BUILTIN_TOOLS.map(({ name }) => name)
  const packed = await packBundle({ policyDir: dir, opa: command, capabilities, tools })
  if (!packed.ok) return packed
  const bundle = await readBundle(packed.value.bytes)
  if (!bundle.ok) return bundle
  return ok(versionOf(bundle.value, await textsOf(await readPolicyTree(resolve(dir)))))
}

async function openBundle(file: string): Promise<Opened> {
  const packed = await readFile(file)
  const bundle = await readBundle(packed)
  if (!bundle.ok) return bundle
  const files = readArchive(gunzipSync(packed))
  const rego = files.ok ? [...files.value].filter(([path]) => path.endsWith('.rego')) : []
  return ok(
    versionOf(
      bundle.value,
      rego.map(([, bytes]) => new TextDecoder().decode(bytes)),
    ),
  )
}

const versionOf = (bundle: LoadedBundle, sources: readonly string[]): PolicyVersion => ({
  bundle,
  ...(bundle.reads !== undefined && { reads: bundle.reads }),
  sources,
})

const textsOf = ({ root, modules }: PolicyTree): Promise<readonly string[]> =>
  Promise.all(modules.map((file) => readFile(join(root, file), 'utf8')))
