import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { runOpa } from './opa.ts'
import { opaFaults } from './opa-errors.ts'
import type { PolicyTree } from './tree.ts'

/** The parts of OPA's syntax tree that are looked at. A node has a location when its module was located. */
export type Node = {
  readonly type?: string
  readonly value?: unknown
  readonly location?: { readonly row: number }
}

/** An expression of a body: a term, an operator with operands, `some … in …` or `every`. */
export type Expression = {
  readonly negated?: boolean
  readonly terms: Node | readonly Node[] | Declaration | Every
  readonly location?: { readonly row: number }
}
export type Declaration = { readonly symbols: readonly Node[] }
export type Every = {
  readonly key: Node | null
  readonly value: Node
  readonly domain: Node
  readonly body: readonly Expression[]
}

export type Rule = {
  readonly default?: boolean
  readonly body: readonly Expression[]
  readonly else?: Rule
  readonly head: {
    readonly ref: readonly Node[]
    readonly key?: Node
    readonly value?: Node
    readonly args?: readonly Node[]
    readonly location?: { readonly row: number }
  }
}

export type Module = {
  readonly file: string
  /** Without `data`. */
  readonly package: readonly string[]
  readonly packageLine: number
  /** Alias → what it stands for, from `data` or `input` on. */
  readonly imports: ReadonlyMap<string, readonly string[]>
  readonly rules: readonly Rule[]
}

type Parsed = {
  readonly package: { readonly path: readonly Node[]; readonly location?: { readonly row: number } }
  readonly imports?: readonly { readonly alias?: string; readonly path: Node }[]
  readonly rules?: readonly Rule[]
}

const AT_ONCE = 4
const ALL = '{file: module | some file, text in input; module := rego.parse_module(file, text)}'

/**
 * Every module of a tree, tests aside, as OPA parses it: in one process, which leaves lines out. What is
 * found in a module is looked up again by `located`.
 */
export async function parseModules(
  opa: string,
  tree: PolicyTree,
): Promise<Result<readonly Module[], readonly PolicyFault[]>> {
  const parsed = await parseAll(opa, tree)
  const modules = tree.modules.flatMap((file) => (parsed[file] === undefined ? [] : [toModule(file, parsed[file])]))
  const others = await locateModules(
    opa,
    tree,
    tree.modules.filter((file) => parsed[file] === undefined),
  )
  return others.ok ? ok([...modules, ...others.value].toSorted((a, b) => (a.file < b.file ? -1 : 1))) : others
}

/** What `find` says of the modules, with lines: those of modules that it says something of are looked up. */
export async function located<F extends PolicyFault>(
  opa: string,
  tree: PolicyTree,
  modules: readonly Module[],
  find: (modules: readonly Module[]) => readonly F[],
): Promise<readonly F[]> {
  const found = find(modules)
  const named = new Set(found.map(({ file }) => file))
  const files = tree.modules.filter((file) => named.has(file))
  if (files.length === 0) return found
  const again = await locateModules(opa, tree, files)
  if (!again.ok) return found
  const byFile = new Map(again.value.map((module) => [module.file, module]))
  return find(modules.map((module) => byFile.get(module.file) ?? module))
}

/** By file; without those that OPA cannot parse. */
async function parseAll(opa: string, tree: PolicyTree): Promise<Readonly<Record<string, Parsed>>> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-parse-'))
  try {
    const texts = tree.modules.map(async (file) => [file, await readFile(join(tree.root, file), 'utf8')] as const)
    const input = join(folder, 'input.json')
    await writeFile(input, JSON.stringify(Object.fromEntries(await Promise.all(texts))))
    const run = await runOpa(opa, ['eval', '--format', 'json', '--input', input, ALL], folder)
    if (run.code !== 0) return {}
    const { result }: { result?: readonly [{ expressions: readonly [{ value: Record<string, Parsed> }] }] } =
      JSON.parse(run.stdout)
    return result?.[0].expressions[0].value ?? {}
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Modules with the line of every node; one process for each. */
async function locateModules(
  opa: string,
  tree: PolicyTree,
  files: readonly string[],
): Promise<Result<readonly Module[], readonly PolicyFault[]>> {
  const modules: Module[] = []
  const faults: PolicyFault[] = []
  const waiting = files[Symbol.iterator]()

  async function work(): Promise<void> {
    for (const file of waiting) {
      const args = ['parse', '--format', 'json', '--json-include', 'locations,-comments', file]
      const run = await runOpa(opa, args, tree.root)
      if (run.code === 0) modules.push(toModule(file, JSON.parse(run.stdout)))
      else faults.push(...opaFaults(run, 'Correct the syntax; `opa parse` and `opa fmt` show where'))
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return faults.length > 0 ? err(faults) : ok(modules)
}

function toModule(file: string, parsed: Parsed): Module {
  const imports = (parsed.imports ?? []).map(({ alias, path }) => {
    const names = (path.value as readonly Node[]).map(({ value }) => String(value))
    return [alias ?? names.at(-1) ?? '', names] as const
  })
  return {
    file,
    package: parsed.package.path.slice(1).map(({ value }) => String(value)),
    packageLine: parsed.package.location?.row ?? 1,
    imports: new Map(imports),
    rules: parsed.rules ?? [],
  }
}

/** The names a reference begins with, up to its first variable; its head counts as a name. */
export function groundPrefix(ref: readonly Node[]): readonly string[] {
  const end = ref.findIndex(({ type }, index) => index > 0 && type !== 'string')
  return ref.slice(0, end === -1 ? ref.length : end).map(({ value }) => String(value))
}

/** The path of a rule below `data`, as far as its head is ground. */
export function pathOf(module: Module, rule: Rule): readonly string[] {
  return [...module.package, ...groundPrefix(rule.head.ref)]
}

/** Is it a package of rules of one tool alone, or of rules of an area? */
export const isToolPackage = ({ package: [root, area] }: Module): boolean => root === 'mcp' && area === 'tools'
const isAreaPackage = ({ package: [root, area] }: Module): boolean => root === 'mcp' && area === 'rules'

/** Are its rules of the kinds that a decision is composed of? */
export const isDecidingPackage = (module: Module): boolean => isAreaPackage(module) || isToolPackage(module)
