import type { PolicyFault } from '../../model/policy-fault.ts'
import { groundPrefix, type Module, type Node, pathOf, type Rule } from '../rego/module.ts'
import { meets } from '../rego/reads.ts'

/** What a single call says. Lists are decided without it, so `permit` and `deny` must not read it. */
const CALL_ATTRIBUTES = [
  ['input', 'resource', 'properties', 'arguments'],
  ['input', 'resource', 'properties', 'paths'],
  ['input', 'context', 'bytes'],
]

type Definition = { readonly module: Module; readonly rule: Rule; readonly path: readonly string[] }
type Use = { readonly names: readonly string[]; readonly line: number }

/**
 * Refuses a `permit` or `deny` that could read a call attribute, itself or by any rule of the tree that it
 * uses. A value that contains the attribute counts as the attribute.
 */
export function callAttributeFaults(modules: readonly Module[]): readonly PolicyFault[] {
  const definitions = modules.flatMap((module) =>
    module.rules.map((rule) => ({ module, rule, path: pathOf(module, rule) })),
  )
  return definitions.filter(decidesVisibility).flatMap((start) => faultsFrom(start, definitions))
}

function decidesVisibility({ module, rule }: Definition): boolean {
  const [root, area] = module.package
  const name = rule.head.ref[0]?.value
  return root === 'mcp' && (area === 'rules' || area === 'tools') && (name === 'permit' || name === 'deny')
}

function faultsFrom(start: Definition, definitions: readonly Definition[]): readonly PolicyFault[] {
  const reached = new Set<Definition>([start])
  const faults: PolicyFault[] = []
  for (const definition of reached) {
    for (const use of usesOf(definition)) {
      const attribute = CALL_ATTRIBUTES.find((path) => meets(use.names, path))
      if (attribute !== undefined) faults.push(fault(start, definition, use, attribute))
      if (use.names[0] !== 'data') continue
      for (const other of definitions) if (meets(use.names.slice(1), other.path)) reached.add(other)
    }
  }
  return faults
}

function fault(start: Definition, found: Definition, use: Use, attribute: readonly string[]): PolicyFault {
  const kind = String(start.rule.head.ref[0]?.value)
  const by = found === start ? '' : ` (by way of ${found.path.join('.')})`
  const name = start.module.package.join('.')
  return {
    file: found.module.file,
    line: use.line,
    message: `${kind} of ${name} reads ${use.names.join('.')}${by}, and so ${attribute.join('.')}, which lists do not have`,
    remedy: 'Read the attribute in deny_call, scope, limit or oblige, or name the exact attribute that is meant',
  }
}

/** Every reference in a rule, imports and names of the same package written out. */
function usesOf({ module, rule }: Definition): readonly Use[] {
  const uses: Use[] = []

  function use(ref: readonly Node[], line: number): void {
    const [head = '', ...rest] = groundPrefix(ref)
    const isDocument = head === 'input' || head === 'data'
    const base = isDocument ? [head] : (module.imports.get(head) ?? ['data', ...module.package, head])
    uses.push({ names: [...base, ...rest], line })
  }

  function visit(node: unknown, line: number): void {
    if (typeof node !== 'object' || node === null) return
    const { type, value, location }: Node = node
    const here = location?.row ?? line
    if (Array.isArray(node)) visitAll(node, line)
    else if (type === 'var') use([node], here)
    else if (type === 'ref' && Array.isArray(value)) visitRef(value, here)
    else for (const [name, member] of Object.entries(node)) if (name !== 'location') visit(member, here)
  }

  function visitAll(nodes: readonly Node[], line: number): void {
    const got = objectGet(nodes)
    if (got !== undefined) use(got, nodes[1]?.location?.row ?? line)
    for (const node of got === undefined ? nodes : nodes.slice(3)) visit(node, line)
  }

  function visitRef([head, ...rest]: readonly Node[], line: number): void {
    if (head?.type === 'var') use([head, ...rest], line)
    else visit(head, line)
    visit(rest, line)
  }

  const { ref, ...head } = rule.head
  const line = head.location?.row ?? 1
  visit({ ...rule, head }, line)
  visit(ref.slice(1), line)
  return uses
}

/** `object.get(ref, "name", …)` and `object.get(ref, ["a", "b"], …)` read no more than `ref.name` and `ref.a.b`. */
function objectGet([operator, object, key]: readonly Node[]): readonly Node[] | undefined {
  if (operator?.type !== 'ref' || object?.type !== 'ref' || key === undefined) return undefined
  if (groundPrefix(operator.value as readonly Node[]).join('.') !== 'object.get') return undefined
  const path = key.type === 'array' ? (key.value as readonly Node[]) : [key]
  const ref = object.value as readonly Node[]
  const isGround = [...ref.slice(1), ...path].every(({ type }) => type === 'string')
  return isGround && ref[0]?.type === 'var' ? [...ref, ...path] : undefined
}
