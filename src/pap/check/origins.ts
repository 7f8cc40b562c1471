import { type Module, type Node, pathOf, type Rule } from '../rego/module.ts'
import { type Definition, type Definitions, membersOf, type Origins, type Scalar, scalarsOf, union } from './origin.ts'
import {
  branchesOf,
  callIn,
  comprehensionIn,
  isDeclaration,
  isLocal,
  isVariable,
  mentions,
  partsOf,
  type Scope,
  scopeOf,
  within,
} from './syntax.ts'

export type Resolver = {
  readonly originsOf: (node: Node, scope: Scope) => Origins
  /** The rules that a name or reference means. */
  readonly rulesOf: (ref: readonly Node[], scope: Scope) => Definitions | undefined
}

const SCALARS = ['string', 'number', 'boolean', 'null']
/** Function → the operands whose members its result has. */
const UNITES: Readonly<Record<string, readonly number[]>> = {
  or: [0, 1],
  and: [0],
  minus: [0],
  sort: [0],
  'array.concat': [0, 1],
  // the keys of the graph are names of the same kind as those it begins with
  'graph.reachable': [1],
}

/** Follows values through variables, rules, imports and set operations back to input, data and literals. */
export function createResolver(modules: readonly Module[]): Resolver {
  const rules = new Map<string, Definition[]>()
  for (const module of modules) {
    for (const rule of module.rules) {
      const path = pathOf(module, rule).join('.')
      rules.set(path, [...(rules.get(path) ?? []), { module, rule }])
    }
  }
  const known = new Map<string, Origins>()
  const pending: { readonly name: string; readonly rule: Rule }[] = []

  function originsOf(node: Node, scope: Scope): Origins {
    if (SCALARS.includes(node.type ?? '')) return [{ kind: 'scalar', value: node.value as Scalar }]
    if (node.type === 'array' || node.type === 'set') {
      const members = union(partsOf(node).map((part) => originsOf(part, scope)))
      return [{ kind: 'collection', members, keys: node.type === 'set' ? members : undefined }]
    }
    if (node.type === 'object') {
      const pairs = node.value as readonly (readonly [Node, Node])[]
      const [keys, members] = [0, 1].map((at) => union(pairs.map((pair) => originsOf(pair[at] ?? node, scope))))
      return [{ kind: 'collection', members, keys }]
    }
    const comprehension = comprehensionIn(node)
    if (comprehension?.term !== undefined) {
      const members = originsOf(comprehension.term, within(scope, comprehension.body))
      return [{ kind: 'collection', members, keys: node.type === 'setcomprehension' ? members : undefined }]
    }
    if (node.type === 'var') return originsOfRef([node], scope)
    if (node.type === 'ref') return originsOfRef(partsOf(node), scope)
    return node.type === 'call' ? originsOfCall(node, scope) : undefined
  }

  function originsOfCall(node: Node, scope: Scope): Origins {
    const { operator = '', operands = [] } = callIn(node) ?? {}
    const [object, key, fallback] = operands
    if (operator === 'object.get' && object !== undefined && key !== undefined && fallback !== undefined) {
      const steps = key.type === 'array' ? partsOf(key) : [key]
      const found = steps.reduce((origins: Origins, step) => stepInto(origins, step, scope), originsOf(object, scope))
      return union([found, originsOf(fallback, scope)])
    }
    const united = UNITES[operator]?.map((at) => operands[at])
    if (united === undefined) return undefined
    const members = union(united.map((part) => (part === undefined ? undefined : membersOf(originsOf(part, scope)))))
    return [{ kind: 'collection', members, keys: members }]
  }

  function originsOfRef(ref: readonly Node[], scope: Scope): Origins {
    const [head, ...rest] = ref
    if (head === undefined) return undefined
    if (head.type !== 'var')
      return rest.reduce((all: Origins, step) => stepInto(all, step, scope), originsOf(head, scope))
    const named = rulesOf(ref, scope)
    if (named !== undefined) {
      return named.rest.reduce((all: Origins, step) => stepInto(all, step, scope), originsOfRules(named))
    }
    const path = documentPath(String(head.value), scope)
    const start: Origins = path === undefined ? bindingOf(String(head.value), scope) : [{ kind: 'path', path }]
    return rest.reduce((all: Origins, step) => stepInto(all, step, scope), start)
  }

  function rulesOf(ref: readonly Node[], scope: Scope): Definitions | undefined {
    const [head, ...rest] = ref
    if (head?.type !== 'var') return undefined
    const name = String(head.value)
    if (isLocal(name, scope)) return undefined
    const base = documentPath(name, scope) ?? ['data', ...scope.module.package, name]
    if (base[0] !== 'data') return undefined
    let path = base.slice(1).join('.')
    for (let at = 0; at <= rest.length; at++) {
      const definitions = rules.get(path)
      if (definitions !== undefined) return { path, definitions, rest: rest.slice(at) }
      if (rest[at]?.type !== 'string') return undefined
      path += `.${rest[at]?.value}`
    }
    return undefined
  }

  function originsOfRules({ path, definitions }: Definitions): Origins {
    if (known.has(path)) return known.get(path)
    // a rule that uses itself is refused by OPA; until then it is not followed
    known.set(path, undefined)
    const all = definitions.map(({ module, rule }) => originsOfRule(module, rule))
    const members = union(all.map((one) => one.member))
    const isSet = definitions.some(({ rule }) => rule.head.key !== undefined)
    const found: Origins = isSet ? [{ kind: 'collection', members, keys: members }] : union(all.map((one) => one.value))
    known.set(path, found)
    return found
  }

  function originsOfRule(module: Module, rule: Rule): { member: Origins; value: Origins } {
    const { key, args, ref } = rule.head
    if (args !== undefined || ref.length > 1) return { member: undefined, value: undefined }
    if (key !== undefined) return { member: originsOf(key, scopeOf(module, rule)), value: undefined }
    const values = branchesOf(rule).map((branch) =>
      branch.head.value === undefined ? undefined : originsOf(branch.head.value, scopeOf(module, branch)),
    )
    return { member: undefined, value: union(values) }
  }

  /** What a variable is made equal to, in the bodies around it. */
  function bindingOf(name: string, scope: Scope): Origins {
    // two variables made equal to each other have no value to be found here
    if (pending.some((one) => one.name === name && one.rule === scope.rule)) return undefined
    pending.push({ name, rule: scope.rule })
    const found = boundIn(name, scope) ?? scope.bound?.get(name)
    pending.pop()
    return found
  }

  function boundIn(name: string, scope: Scope): Origins {
    for (const [depth, body] of scope.bodies.entries()) {
      const outer = { ...scope, bodies: scope.bodies.slice(depth) }
      for (const { terms, negated } of body) {
        if (negated === true) continue
        const bound = isDeclaration(terms)
          ? terms.symbols.map((symbol) => declared(name, symbol, outer)).find((one) => one !== undefined)
          : assigned(name, callIn(terms), outer)
        if (bound !== undefined) return bound
      }
    }
    return undefined
  }

  function declared(name: string, symbol: Node, scope: Scope): Origins {
    const operands = callIn(symbol)?.operands ?? []
    const [value, collection] = operands.slice(-2)
    if (value?.type !== 'var' || value.value !== name || collection === undefined) return undefined
    return isVariable(collection, name) ? undefined : membersOf(originsOf(collection, scope))
  }

  function assigned(name: string, call: ReturnType<typeof callIn>, scope: Scope): Origins {
    if (call === undefined || !(call.operator === 'assign' || call.operator === 'eq')) return undefined
    const [left, right] = call.operands
    if (left === undefined || right === undefined) return undefined
    if (isVariable(left, name) && !mentions(right, name)) return originsOf(right, scope)
    return isVariable(right, name) && !mentions(left, name) ? originsOf(left, scope) : undefined
  }

  function stepInto(origins: Origins, step: Node, scope: Scope): Origins {
    const name = step.type === 'string' ? String(step.value) : (onlyName(step, scope) ?? '*')
    return union(
      origins?.map((origin): Origins => {
        if (origin.kind === 'path') return [{ kind: 'path', path: [...origin.path, name] }]
        return origin.kind === 'collection' ? origin.members : undefined
      }) ?? [undefined],
    )
  }

  /** The one name that a variable step can be. */
  function onlyName(step: Node, scope: Scope): string | undefined {
    const origins = step.type === 'var' || step.type === 'ref' ? originsOf(step, scope) : undefined
    const [name, ...others] = scalarsOf(origins)
    return origins?.length === 1 && others.length === 0 && typeof name === 'string' ? name : undefined
  }

  return { originsOf, rulesOf }
}

/** What `input`, `data` and imports stand for; undefined for any other name. */
const documentPath = (name: string, { module }: Scope): readonly string[] | undefined =>
  name === 'input' || name === 'data' ? [name] : module.imports.get(name)
