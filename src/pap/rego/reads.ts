import type { InputReads } from '../../pdp/loaded-bundle.ts'
import { groundPrefix, type Module, type Node, pathOf, type Rule } from './module.ts'

type Path = readonly string[]

/** What the gateway itself looks at to take an answer for a decision. */
const OF_THE_GATEWAY: readonly Path[] = [
  ['action', 'name'],
  ['subject', 'id'],
  ['subject', 'properties', 'issuer'],
  ['subject', 'properties', 'tenant'],
]
const DECISION: Path = ['mcp', 'main', 'decision']
const MASK: Path = ['mcp', 'log', 'mask']
const TYPE_CHECKS = new Set([
  ...['type_name', 'is_array', 'is_boolean', 'is_null', 'is_number', 'is_object', 'is_set', 'is_string'],
])

type Definition = { readonly path: Path; readonly refs: References }
type References = { readonly data: readonly Path[]; readonly values: readonly Path[]; readonly types: readonly Path[] }

/** Everything of the input that a decision can depend on. */
export function decisionReads(modules: readonly Module[]): InputReads {
  const { values, types } = readsOf(modules, DECISION)
  return { values: distinct([...OF_THE_GATEWAY, ...values]), types }
}

/** Everything of a record that its mask can depend on. */
export const maskReads = (modules: readonly Module[]): InputReads => readsOf(modules, MASK)

/**
 * What a rule can read, itself or by any rule it may use. More is named rather than less: a reference
 * counts up to its first variable, and a value with all that is in it.
 */
function readsOf(modules: readonly Module[], asked: Path): InputReads {
  const definitions = modules.flatMap((module) =>
    module.rules.map((rule): Definition => ({ path: pathOf(module, rule), refs: referencesOf(module, rule) })),
  )
  const reached = new Set(definitions.filter(({ path }) => meets(path, asked)))
  for (const { refs } of reached) {
    for (const ref of refs.data) for (const other of definitions) if (meets(ref, other.path)) reached.add(other)
  }
  const all = [...reached].map(({ refs }) => refs)
  return {
    values: distinct(all.flatMap(({ values }) => values)),
    types: distinct(all.flatMap(({ types }) => types)),
  }
}

/** One of the two paths begins with the other. */
export const meets = (a: Path, b: Path): boolean => a.slice(0, b.length).every((name, index) => name === b[index])

const distinct = (paths: readonly Path[]): readonly Path[] =>
  [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()].toSorted((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
  )

/** Every reference in a rule, imports and names of the same package written out. */
function referencesOf(module: Module, rule: Rule): References {
  const refs = { data: [] as Path[], values: [] as Path[], types: [] as Path[] }

  function note(ref: readonly Node[], inputs: Path[]): void {
    const [head = '', ...rest] = groundPrefix(ref)
    const base = head === 'input' || head === 'data' ? [head] : module.imports.get(head)
    const [root, ...path] = [...(base ?? ['data', ...module.package, head]), ...rest]
    if (root === 'input') inputs.push(path)
    else refs.data.push(path)
  }

  function visit(node: unknown): void {
    if (typeof node !== 'object' || node === null) return
    const { type, value }: Node = node
    if (Array.isArray(node)) visitAll(node)
    else if (type === 'var') note([node as Node], refs.values)
    else if (type === 'ref' && Array.isArray(value)) visitRef(value)
    else for (const [name, member] of Object.entries(node)) if (name !== 'location') visit(member)
  }

  function visitAll(nodes: readonly Node[]): void {
    const checked = typeChecked(nodes)
    const got = checked ?? objectGet(nodes)
    if (got !== undefined) note(got, checked === undefined ? refs.values : refs.types)
    for (const node of got === undefined ? nodes : nodes.slice(checked === undefined ? 3 : 2)) visit(node)
  }

  function visitRef([head, ...rest]: readonly Node[]): void {
    if (head?.type === 'var') note([head, ...rest], refs.values)
    else visit(head)
    visit(rest)
  }

  const { ref, ...head } = rule.head
  visit({ ...rule, head })
  visit(ref.slice(1))
  return refs
}

const nameOf = (operator: Node | undefined): string =>
  operator?.type === 'ref' ? groundPrefix(operator.value as readonly Node[]).join('.') : ''

const isGround = (nodes: readonly Node[]): boolean => nodes.every(({ type }) => type === 'string')

/** `is_string(ref)` and the like ask nothing of what the value says. */
function typeChecked([operator, object]: readonly Node[]): readonly Node[] | undefined {
  if (object?.type !== 'ref' || !TYPE_CHECKS.has(nameOf(operator))) return undefined
  const ref = object.value as readonly Node[]
  return ref[0]?.type === 'var' && isGround(ref.slice(1)) ? ref : undefined
}

/** `object.get(ref, "name", …)` and `object.get(ref, ["a", "b"], …)` read no more than `ref.name` and `ref.a.b`. */
function objectGet([operator, object, key]: readonly Node[]): readonly Node[] | undefined {
  if (nameOf(operator) !== 'object.get' || object?.type !== 'ref' || key === undefined) return undefined
  const path = key.type === 'array' ? (key.value as readonly Node[]) : [key]
  const ref = object.value as readonly Node[]
  return ref[0]?.type === 'var' && isGround([...ref.slice(1), ...path]) ? [...ref, ...path] : undefined
}
