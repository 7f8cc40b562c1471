import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { ENTRYPOINTS, entrypointsOf, runOpaBuild } from '../bundle/opa-build.ts'
import { readBundle } from '../bundle/read.ts'
import { structureFaults } from '../check/structure.ts'
import { located, type Module, parseModules } from '../rego/module.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import { type PolicyTree, readPolicyTree, vouchedTools } from '../rego/tree.ts'

export type Compiled = { readonly bundle: LoadedBundle; readonly tree: PolicyTree; readonly modules: readonly Module[] }

export type Compiler = {
  readonly compile: () => Promise<Result<Compiled, readonly PolicyFault[]>>
  readonly close: () => Promise<void>
}

/**
 * Compiles one policy tree again and again: to the module that `packBundle` makes of it, with the checks
 * that it makes, but side by side, and parsing only what changed. After an edit that halves the time (measured).
 */
export async function createCompiler(options: {
  readonly policyDir: string
  readonly opa: string
  readonly capabilities: string
  readonly tools: readonly string[]
}): Promise<Compiler> {
  const { opa, tools, capabilities } = options
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-compile-'))
  const copyOf = createCopier(resolve(options.policyDir), join(folder, 'policies'))
  const parsed = new Map<string, { text: string; module: Module }>()
  let entrypoints: readonly string[] = ENTRYPOINTS

  async function parse(tree: PolicyTree, texts: Texts): Promise<Result<readonly Module[], readonly PolicyFault[]>> {
    const stale = tree.modules.filter((file) => parsed.get(file)?.text !== texts.get(file))
    const read = stale.length === 0 ? ok([]) : await parseModules(opa, { ...tree, modules: stale })
    if (!read.ok) return read
    for (const module of read.value) parsed.set(module.file, { text: texts.get(module.file) ?? '', module })
    return ok(tree.modules.flatMap((file) => parsed.get(file)?.module ?? []))
  }

  const build = (tree: PolicyTree, out: string) =>
    runOpaBuild(tree.root, { opa, capabilities, revision: 'test', out, entrypoints })

  return {
    compile: async () => {
      const copy = await copyOf()
      if (!copy.ok) return copy
      const { tree, texts } = copy.value
      const out = join(folder, 'bundle.tar.gz')
      const [modules, first] = await Promise.all([parse(tree, texts), build(tree, out)])
      if (!modules.ok) return modules
      const known = new Set([...tools, ...(await vouchedTools(tree))])
      const faults = await located(opa, tree, modules.value, (all) => structureFaults(tree, all, known))
      if (faults.length > 0) return err(faults)
      const defined = entrypointsOf(modules.value)
      const isRight = defined.join() === entrypoints.join()
      entrypoints = defined
      const run = isRight ? first : await build(tree, out)
      if (run.code !== 0) return err(opaFaults(run, 'Correct the policy; `portcullis check` shows the same'))
      const bundle = await readBundle(await readFile(out))
      return bundle.ok ? ok({ bundle: bundle.value, tree, modules: modules.value }) : bundle
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

type Texts = ReadonlyMap<string, string>
type Copy = { readonly tree: PolicyTree; readonly texts: Texts }

/** Keeps a copy of what a bundle is made of: what is compiled is what was checked, whatever is written meanwhile. */
function createCopier(from: string, to: string): () => Promise<Result<Copy, readonly PolicyFault[]>> {
  let before: Texts = new Map()

  return async () => {
    const tree = await readPolicyTree(from).catch(() => undefined)
    if (tree === undefined) {
      return err([{ message: 'there is no such policy folder', remedy: 'Name the root of a policy tree' }])
    }
    const files = [...(tree.hasManifest ? ['.manifest'] : []), ...tree.modules, ...tree.documents]
    const read = await Promise.all(files.map(async (file) => [file, await textOf(join(from, file))] as const))
    const texts = new Map(read.flatMap(([file, text]) => (text === undefined ? [] : [[file, text] as const])))
    const gone = [...before.keys()].filter((file) => !texts.has(file))
    const changed = [...texts].filter(([file, text]) => before.get(file) !== text)
    await Promise.all(gone.map((file) => rm(join(to, file), { force: true })))
    await Promise.all(changed.map(([file, text]) => write(join(to, file), text)))
    before = texts
    const has = (file: string) => texts.has(file)
    const documents = tree.documents.filter(has)
    return ok({ tree: { ...tree, root: to, modules: tree.modules.filter(has), documents }, texts })
  }
}

/** An editor may have taken the file away since it was listed. */
const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined)

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
