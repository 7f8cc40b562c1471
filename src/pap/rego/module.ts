import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { runOpa } from './opa.ts'
import { opaFaults } from './opa-errors.ts'
import type { PolicyTree } from './tree.ts'

/** The parts of OPA's syntax tree that are looked at. Every node may carry a location. */
export type Node = {
  readonly type?: string
  readonly value?: unknown
  readonly location?: { readonly row: number }
}

export type Rule = {
  readonly default?: boolean
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

/** Every module of a tree, tests aside, as OPA parses it. */
export async function parseModules(
  opa: string,
  tree: PolicyTree,
): Promise<Result<readonly Module[], readonly PolicyFault[]>> {
  const modules: Module[] = []
  const faults: PolicyFault[] = []
  const waiting = tree.modules[Symbol.iterator]()

  async function work(): Promise<void> {
    for (const file of waiting) {
      const args = ['parse', '--format', 'json', '--json-include', 'locations,-comments', file]
      const run = await runOpa(opa, args, tree.root)
      if (run.code === 0) modules.push(toModule(file, JSON.parse(run.stdout)))
      else faults.push(...opaFaults(run, 'Correct the syntax; `opa parse` and `opa fmt` show where'))
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return faults.length > 0 ? err(faults) : ok(modules.toSorted((a, b) => (a.file < b.file ? -1 : 1)))
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
