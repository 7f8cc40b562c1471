import type { Declaration, Every, Expression, Module, Node, Rule } from '../rego/module.ts'
import type { Origins } from './origin.ts'

type Body = readonly Expression[]

/** Where variables get their values: the bodies around an expression, the innermost first. */
export type Scope = {
  readonly module: Module
  readonly rule: Rule
  readonly bodies: readonly Body[]
  /** What the arguments of a function are in the call that is looked at. */
  readonly bound?: ReadonlyMap<string, Origins>
}
/** An expression anywhere in a rule, and the line it stands in. */
export type Site = { readonly expression: Expression; readonly scope: Scope; readonly line: number }
/** A reference anywhere in a rule. */
export type Reference = {
  readonly node: Node
  readonly scope: Scope
  readonly line: number
  /** It may be absent there: negated, or with a default. */
  readonly isGuarded: boolean
}
export type Call = {
  readonly operator: string
  readonly ref: readonly Node[]
  readonly operands: readonly Node[]
}

const COMPREHENSIONS = ['arraycomprehension', 'setcomprehension', 'objectcomprehension']

export type Comprehension = {
  readonly term?: Node
  readonly key?: Node
  readonly value?: Node
  readonly body: readonly Expression[]
}

export const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
export const isDeclaration = (terms: Expression['terms']): terms is Declaration => 'symbols' in terms
export const isEvery = (terms: Expression['terms']): terms is Every => 'domain' in terms

/** The members of a node whose value is a list: a reference, an array, a set. */
export const partsOf = ({ value }: Node): readonly Node[] => (Array.isArray(value) ? value : [])

export const comprehensionIn = (node: Node): Comprehension | undefined =>
  COMPREHENSIONS.includes(node.type ?? '') ? (node.value as Comprehension) : undefined

/** An operator or function with its operands, as an expression or as a term. */
export function callIn(node: Expression['terms']): Call | undefined {
  const parts = Array.isArray(node) ? node : 'type' in node && node.type === 'call' ? partsOf(node) : []
  const [operator, ...operands] = parts as readonly Node[]
  if (operator?.type !== 'ref') return undefined
  const ref = partsOf(operator)
  return { operator: ref.map(({ value }) => String(value)).join('.'), ref, operands }
}

/** A rule and its `else` branches, each with its own body. */
export const branchesOf = (rule: Rule): readonly Rule[] => [
  rule,
  ...(rule.else === undefined ? [] : branchesOf(rule.else)),
]

export const scopeOf = (module: Module, rule: Rule): Scope => ({ module, rule, bodies: [rule.body] })
export const within = (scope: Scope, ...bodies: readonly Body[]): Scope => ({
  ...scope,
  bodies: [...bodies, ...scope.bodies],
})

/** What `every` binds, as if it were declared by `some`. */
function boundBy({ key, value, domain }: Every): Body {
  const operator = {
    type: 'ref',
    value: ['internal', key === null ? 'member_2' : 'member_3'].map((name) => ({ value: name })),
  }
  const operands = key === null ? [value, domain] : [key, value, domain]
  return [{ terms: { symbols: [{ type: 'call', value: [operator, ...operands] }] } }]
}

/** Is the name bound in the rule itself, and so none of a rule? */
export function isLocal(name: string, { rule, bodies, bound }: Scope): boolean {
  const binds = (node: Node | undefined) => node?.type === 'var' && node.value === name
  if (bound?.has(name) || rule.head.args?.some(binds)) return true
  return bodies.flat().some(({ terms }) => {
    if (isDeclaration(terms)) {
      return terms.symbols.some((symbol) => binds(symbol) || callIn(symbol)?.operands.slice(0, -1).some(binds))
    }
    const call = callIn(terms)
    return call?.operator === 'assign' && binds(call.operands[0])
  })
}

export const isVariable = (node: Node, name: string): boolean => node.type === 'var' && node.value === name

export const mentions = (node: unknown, name: string): boolean =>
  typeof node === 'object' &&
  node !== null &&
  (isVariable(node as Node, name) || Object.values(node).some((member) => mentions(member, name)))

/** Every expression and every reference of a rule, at any depth. */
export function surveyOf(module: Module, rule: Rule): { sites: readonly Site[]; references: readonly Reference[] } {
  const sites: Site[] = []
  const references: Reference[] = []
  type At = Omit<Reference, 'node'>

  function visit(node: unknown, at: At): void {
    if (!isNode(node)) return
    if (Array.isArray(node)) visitList(node, at)
    else if ('terms' in node) visitExpression(node as Expression, at)
    else visitTerm(node, at)
  }

  function visitTerm(node: Node, at: At): void {
    const inner = comprehensionIn(node)
    const here = { ...at, line: node.location?.row ?? at.line }
    if (node.type === 'ref') references.push({ ...here, node })
    if (inner === undefined) visit(node.value, here)
    else for (const part of Object.values(inner)) visit(part, { ...here, scope: within(at.scope, inner.body) })
    if (node.type === 'templatestring') visit((node.value as { parts: unknown }).parts, here)
  }

  function visitList(nodes: readonly Node[], at: At): void {
    const hasDefault = callIn(nodes)?.operator === 'object.get'
    for (const [index, node] of nodes.entries()) {
      visit(node, { ...at, isGuarded: at.isGuarded || (hasDefault && index === 1) })
    }
  }

  function visitExpression(expression: Expression, { scope, line, isGuarded }: At): void {
    const at = { scope, line: expression.location?.row ?? line, isGuarded: isGuarded || expression.negated === true }
    const { terms } = expression
    sites.push({ expression, scope, line: at.line })
    if (isDeclaration(terms)) visit(terms.symbols, at)
    else if (isEvery(terms)) {
      visit(terms.domain, at)
      visit(terms.body, { ...at, scope: within(scope, terms.body, boundBy(terms)) })
    } else visit(terms, at)
  }

  for (const branch of branchesOf(rule)) {
    const at = { scope: scopeOf(module, branch), line: branch.head.location?.row ?? 1, isGuarded: false }
    visit(branch.body, at)
    visit([branch.head.key, branch.head.value], at)
  }
  return { sites, references }
}
