import type { Finding } from '../../model/finding.ts'
import { type Expression, isDecidingPackage, type Module, type Node, type Rule } from '../rego/module.ts'
import { absentPart } from './may-be-absent.ts'
import { type Definition, type Origins, pathsOf } from './origin.ts'
import type { Resolver } from './origins.ts'
import { branchesOf, callIn, comprehensionIn, isDeclaration, isEvery, partsOf, type Scope, scopeOf } from './syntax.ts'
import type { Vocabulary } from './vocabulary.ts'

type Hazard = {
  readonly path: readonly string[]
  readonly file: string
  readonly line: number
  readonly level: Finding['level']
  readonly isNegated: boolean
}
type Look = { readonly resolver: Resolver; readonly absent: (path: readonly string[]) => readonly string[] | undefined }

/** Conditions that stay false, and do not fail, when what they read is not there. */
const GUARDS = ['is_string', 'is_number', 'is_boolean', 'is_array', 'is_object', 'is_null', 'is_set', 'type_name']
const REMEDY = 'Say in a helper what is allowed and negate it (`not _allowed`), or read with object.get and a default'
const NOT = 'Negate a helper (`not _allowed`), or `import future.keywords.not`'

/**
 * A `deny` or `deny_call` that asks for an attribute which may be absent: then the condition is undefined, and
 * the denial is silently gone.
 */
export function denyUndefined(
  modules: readonly Module[],
  resolver: Resolver,
  vocabulary: Vocabulary,
): readonly Finding[] {
  return modules.filter(isDecidingPackage).flatMap((module) =>
    ['deny', 'deny_call'].flatMap((kind) => {
      const rules = module.rules.filter(({ head }) => head.ref[0]?.value === kind)
      const look = { resolver, absent: (path: readonly string[]) => absentPart(path, module, kind, vocabulary) }
      return hazardsOf(
        rules.map((rule) => ({ module, rule })),
        look,
        [],
      ).map((hazard) => toFinding(hazard, `${kind} of ${module.package.join('.')}`))
    }),
  )
}

function toFinding({ path, file, line, level, isNegated }: Hazard, what: string): Finding {
  const attribute = path.join('.')
  const message = isNegated
    ? `${what} negates a condition on ${attribute}, which may be absent: then this is undefined and denies nothing`
    : `${what} asks for ${attribute}, which may be absent: then it denies nothing`
  return { check: 'deny-undefined', level, file, line, message, remedy: isNegated ? NOT : REMEDY }
}

/** Of rules of one name together: what one of them asks for may be covered by another that negates it. */
function hazardsOf(definitions: readonly Definition[], look: Look, above: readonly Rule[]): readonly Hazard[] {
  const isSafe = definitions.some(({ rule }) => rule.default === true && rule.head.value?.value !== false)
  if (isSafe || definitions.some(({ rule }) => above.includes(rule))) return []
  const covered = definitions.flatMap((definition) => coveredBy(definition, look))
  return definitions
    .flatMap((definition) => hazardsIn(definition, look, [...above, definition.rule]))
    .filter(({ path }) => !covered.some((other) => other.every((name, index) => path[index] === name)))
}

/** Attributes whose absence makes this rule hold. */
function coveredBy({ module, rule }: Definition, look: Look): readonly (readonly string[])[] {
  const scope = scopeOf(module, rule)
  return rule.body
    .filter(({ negated }) => negated === true)
    .flatMap((expression) => {
      const outside = outsideNot(expression, scope, look)
      const read = isTerm(expression.terms) ? absentIn(expression.terms, scope, look, true) : []
      return read.filter((path) => !outside.some((other) => isSame(other, path)))
    })
}

function hazardsIn(definition: Definition, look: Look, above: readonly Rule[]): readonly Hazard[] {
  return branchesOf(definition.rule).flatMap((rule) => {
    const scope = scopeOf(definition.module, rule)
    const guarded = rule.body.flatMap((expression) => guardedBy(expression, scope, look))
    const value = rule.head.value === undefined ? [] : [{ terms: rule.head.value }]
    return [...rule.body, ...value]
      .flatMap((expression) => hazardsAt(expression, scope, look, above))
      .filter(({ path }) => !guarded.some((other) => isSame(other, path)))
      .filter((hazard, index, all) => all.findIndex(({ path }) => isSame(path, hazard.path)) === index)
  })
}

/** What a rule makes sure of before it goes on, knowing that it may be absent. */
function guardedBy({ terms, negated }: Expression, scope: Scope, look: Look): readonly (readonly string[])[] {
  const call = negated === true ? undefined : callIn(terms)
  const names = ['neq', 'equal'].includes(call?.operator ?? '') ? callIn(call?.operands[0] ?? {}) : call
  return names !== undefined && GUARDS.includes(names.operator) ? absentIn(names.operands, scope, look, true) : []
}

function hazardsAt(expression: Expression, scope: Scope, look: Look, above: readonly Rule[]): readonly Hazard[] {
  const { terms, negated } = expression
  const place = { file: scope.module.file, line: expression.location?.row ?? scope.rule.head.location?.row ?? 1 }
  if (isDeclaration(terms)) return []
  if (isEvery(terms))
    return absentIn(terms.domain, scope, look).map((path) => ({ ...place, path, level: 'error', isNegated: false }))
  if (negated === true) {
    return outsideNot(expression, scope, look).map((path) => ({ ...place, path, level: 'error', isNegated: true }))
  }
  const level = asksForOneValue(terms) ? 'warning' : 'error'
  const direct = absentIn(terms, scope, look).map((path): Hazard => ({ ...place, path, level, isNegated: false }))
  const named = look.resolver.rulesOf(callIn(terms)?.ref ?? refOf(terms), scope)
  return [...direct, ...(named === undefined ? [] : hazardsOf(named.definitions, look, above))]
}

/** `x == "y"` and `x`: a denial of some values, for which absence is at least another value. */
function asksForOneValue(terms: Expression['terms']): boolean {
  const call = callIn(terms)
  if (call === undefined) return true
  const refuses = call.operands.some(({ type, value }) => type === 'null' || (type === 'boolean' && value === false))
  return ['equal', 'eq', 'internal.member_2'].includes(call.operator) && !refuses
}

/**
 * OPA evaluates the operands of a negated call, and what stands in brackets, before the `not`: undefined, they
 * end the rule. Only plain references to be compared, and with the import all of it, are inside.
 */
function outsideNot({ terms }: Expression, scope: Scope, look: Look): readonly (readonly string[])[] {
  if (scope.module.imports.get('not')?.join('.') === 'future.keywords.not' || !isTerm(terms)) return []
  const call = callIn(terms)
  if (call === undefined) return absentIn(refOf(terms).slice(1), scope, look)
  const plain = ['equal', 'eq'].includes(call.operator)
  return call.operands.flatMap((operand) => (plain && operand.type === 'ref' ? [] : absentIn(operand, scope, look)))
}

/**
 * Parts that may be absent of what a term reads. Iteration finds nothing in what is not there, and
 * comprehensions are empty then: neither counts. `deep` also looks into the rules that it names.
 */
function absentIn(
  node: unknown,
  scope: Scope,
  look: Look,
  deep = false,
  seen: readonly Rule[] = [],
): readonly (readonly string[])[] {
  if (Array.isArray(node)) {
    const call = callIn(node)
    const parts: readonly unknown[] = call?.operator === 'object.get' ? node.slice(2) : node
    return parts.flatMap((part) => absentIn(part, scope, look, deep, seen))
  }
  if (!isTerm(node) || comprehensionIn(node) !== undefined) return []
  const inner = absentIn(Array.isArray(node.value) ? node.value : undefined, scope, look, deep, seen)
  if (node.type !== 'ref' && node.type !== 'var') return inner
  const ref = refOf(node)
  const own = readsAbsent(look.resolver.originsOf(node, scope), look)
  const rules = deep ? (look.resolver.rulesOf(ref, scope)?.definitions ?? []) : []
  const below = rules
    .filter(({ rule }) => !seen.includes(rule))
    .flatMap(({ module, rule }) =>
      rule.body.flatMap(({ terms }) => absentIn(termsOf(terms), scopeOf(module, rule), look, true, [...seen, rule])),
    )
  return [...own, ...inner, ...below]
}

function readsAbsent(origins: Origins, look: Look): readonly (readonly string[])[] {
  return pathsOf(origins).flatMap((path) => {
    const part = look.absent(path)
    return part === undefined || path[part.length] === '*' ? [] : [part]
  })
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join('.') === b.join('.')

const termsOf = (terms: Expression['terms']): unknown =>
  isDeclaration(terms) ? terms.symbols : isEvery(terms) ? terms.domain : terms

const isTerm = (node: unknown): node is Node => typeof node === 'object' && node !== null
const refOf = (node: unknown): readonly Node[] =>
  !isTerm(node) ? [] : node.type === 'var' ? [node] : node.type === 'ref' ? partsOf(node) : []
