import type { Node } from '../rego/module.ts'
import { keysOf, membersOf, type Origins, pathsOf, type Scalar, scalarsOf } from './origin.ts'
import type { Resolver } from './origins.ts'
import { callIn, isDeclaration, isEvery, partsOf, type Scope, type Site } from './syntax.ts'

/** A value from `path` is compared with each of these words; `isAnyOf` when they are all it is compared with. */
export type Comparison = {
  readonly path: readonly string[]
  readonly scalars: readonly Scalar[]
  readonly isAnyOf: boolean
  readonly operator: 'equal' | 'unequal' | 'prefix' | 'suffix'
}

/** What an expression compares attributes with, by any of the ways to write it. */
export function comparisonsIn(
  { expression, scope }: Pick<Site, 'expression' | 'scope'>,
  resolver: Resolver,
): readonly Comparison[] {
  const { terms } = expression
  if (isDeclaration(terms) || isEvery(terms)) return []
  const call = callIn(terms)
  const inBrackets = lookUps(terms, scope, resolver)
  const [left, right] = call?.operands ?? []
  if (call === undefined || left === undefined || right === undefined) return inBrackets
  const [a, b] = [resolver.originsOf(left, scope), resolver.originsOf(right, scope)]
  switch (call.operator) {
    case 'equal':
    case 'eq':
      return [...eitherWay(a, b, 'equal'), ...inBrackets]
    case 'neq':
      return [...eitherWay(a, b, 'unequal'), ...inBrackets]
    case 'internal.member_2':
      return [...eitherWay(a, membersOf(b), 'equal'), ...inBrackets]
    case 'startswith':
      return [...compared(a, b, 'prefix'), ...inBrackets]
    case 'endswith':
      return [...compared(a, b, 'suffix'), ...inBrackets]
    default:
      return inBrackets
  }
}

/** `words[input.action.name]` and `roles["admin"]`. */
function lookUps(terms: unknown, scope: Scope, resolver: Resolver): readonly Comparison[] {
  if (typeof terms !== 'object' || terms === null) return []
  if (Array.isArray(terms)) return terms.flatMap((term) => lookUps(term, scope, resolver))
  const node: Node = terms
  if (node.type === 'call') return lookUps(node.value, scope, resolver)
  if (node.type !== 'ref') return []
  const ref = partsOf(node)
  return ref.slice(1).flatMap((step, index) => {
    const keys = keysOf(resolver.originsOf({ type: 'ref', value: ref.slice(0, index + 1) }, scope))
    return eitherWay(resolver.originsOf(step, scope), keys, 'equal')
  })
}

const eitherWay = (a: Origins, b: Origins, operator: Comparison['operator']): readonly Comparison[] => [
  ...compared(a, b, operator),
  ...compared(b, a, operator),
]

function compared(value: Origins, words: Origins, operator: Comparison['operator']): readonly Comparison[] {
  const scalars = scalarsOf(words)
  if (scalars.length === 0) return []
  const isAnyOf = scalars.length === words?.length
  return pathsOf(value).map((path) => ({ path, scalars, isAnyOf, operator }))
}
