import { groundPrefix, type Module, type Node, pathOf, type Rule } from './module.ts'

type Path = readonly string[]

/** A reference in a rule, imports and names of the same package written out. */
export type Use = {
  /** From `input` or `data` on, up to its first variable. */
  readonly names: Path
  /** True: only the type of what it names is asked, as in `is_string(input.a)`. */
  readonly ofType: boolean
  readonly line: number
}

export type UsingRule = {
  readonly module: Module
  readonly rule: Rule
  /** Below `data`. */
  readonly path: Path
  readonly uses: readonly Use[]
}

export const usingRules = (modules: readonly Module[]): readonly UsingRule[] =>
  modules.flatMap((module) =>
    module.rules.map((rule) => ({ module, rule, path: pathOf(module, rule), uses: usesOf(module, rule) })),
  )

/** These rules, and every one of all that they may use, by way of others too. */
export function withUsed(rules: readonly UsingRule[], all: readonly UsingRule[]): ReadonlySet<UsingRule> {
  const reached = new Set(rules)
  for (const { uses } of reached) {
    for (const { names } of uses) {
      if (names[0] !== 'data') continue
      for (const other of all) if (meets(names.slice(1), other.path)) reached.add(other)
    }
  }
  return reached
}

/** One of the two paths begins with the other. */
export const meets = (a: Path, b: Path): boolean => a.slice(0, b.length).every((name, index) => name === b[index])

const TYPE_CHECKS = new Set([
  ...['type_name', 'is_array', 'is_boolean', 'is_null', 'is_number', 'is_object', 'is_set', 'is_string'],
])

function usesOf(module: Module, rule: Rule): readonly Use[] {
  const uses: Use[] = []

  function note(ref: readonly Node[], line: number, ofType = false): void {
    const [head = '', ...rest] = groundPrefix(ref)
    const isDocument = head === 'input' || head === 'data'
    const base = isDocument ? [head] : (module.imports.get(head) ?? ['data', ...module.package, head])
    uses.push({ names: [...base, ...rest], ofType, line })
  }

  function visit(node: unknown, line: number): void {
    if (typeof node !== 'object' || node === null) return
    const { type, value, location }: Node = node
    const here = location?.row ?? line
    if (Array.isArray(node)) visitAll(node, line)
    else if (type === 'var') note([node], here)
    else if (type === 'ref' && Array.isArray(value)) visitRef(value, here)
    else for (const [name, member] of Object.entries(node)) if (name !== 'location') visit(member, here)
  }

  function visitAll(nodes: readonly Node[], line: number): void {
    const checked = typeChecked(nodes)
    const got = checked ?? objectGet(nodes)
    if (got !== undefined) note(got, nodes[1]?.location?.row ?? line, checked !== undefined)
    for (const node of got === undefined ? nodes : nodes.slice(checked === undefined ? 3 : 2)) visit(node, line)
  }

  function visitRef([head, ...rest]: readonly Node[], line: number): void {
    if (head?.type === 'var') note([head, ...rest], line)
    else visit(head, line)
    visit(rest, line)
  }

  const { ref, ...head } = rule.head
  const line = head.location?.row ?? 1
  visit({ ...rule, head }, line)
  visit(ref.slice(1), line)
  return uses
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
