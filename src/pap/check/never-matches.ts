import type { Finding } from '../../model/finding.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Expression, Module } from '../rego/module.ts'
import { type Comparison, comparisonsIn } from './comparisons.ts'
import type { Scalar } from './origin.ts'
import type { Resolver } from './origins.ts'
import { callIn, type Scope, type Site, scopeOf, surveyOf } from './syntax.ts'
import { mismatch, type Vocabulary, type Words, wordsAt } from './vocabulary.ts'

export type Known = { readonly vocabulary: Vocabulary; readonly data: JsonObject }
type Dead = Pick<Finding, 'level' | 'message' | 'remedy'>

/** Resource types that a method can be about; other methods are about several. */
const ABOUT: Readonly<Record<string, readonly Scalar[]>> = {
  'tools/call': ['tool'],
  'prompts/get': ['prompt'],
  'resources/read': ['resource', 'resource_template'],
}
const ACTION = 'input.action.name'
const TYPE = 'input.resource.type'

/** Conditions on words that nobody knows, and conditions that exclude each other. */
export function neverMatches(modules: readonly Module[], resolver: Resolver, known: Known): readonly Finding[] {
  return modules.flatMap((module) =>
    module.rules.flatMap((rule) => {
      const { sites } = surveyOf(module, rule)
      return sites.flatMap((site) => {
        const dead = [
          ...deadWords(site, resolver, known),
          ...deadCalls(site, resolver, known),
          ...contradictions(site, resolver),
        ]
        return dead.map((one) => ({ check: 'never-matches', file: module.file, line: site.line, ...one }))
      })
    }),
  )
}

function deadWords(site: Pick<Site, 'expression' | 'scope'>, resolver: Resolver, known: Known): readonly Dead[] {
  return comparisonsIn(site, resolver).flatMap((comparison) => {
    const isTool = comparison.path.join('.') === 'input.resource.id' && isAboutTool(site.scope, resolver)
    const words = wordsAt(comparison.path, known.vocabulary, known.data, isTool)
    return comparison.scalars.flatMap((scalar) => {
      const dead = deadWord(comparison, scalar, words, known)
      return dead === undefined ? [] : [dead]
    })
  })
}

function deadWord(comparison: Comparison, scalar: Scalar, words: Words | undefined, known: Known): Dead | undefined {
  const { path, operator } = comparison
  if (operator === 'equal' || operator === 'unequal') return mismatch(path, scalar, words, known.vocabulary.input)
  const isPart = (word: string) => (operator === 'prefix' ? word.startsWith(`${scalar}`) : word.endsWith(`${scalar}`))
  if (words === undefined || (words.noun === 'tool' && !words.isClosed) || words.words.some(isPart)) return undefined
  return {
    level: words.isClosed ? 'error' : 'warning',
    message: `no ${words.noun} ${operator === 'prefix' ? 'begins' : 'ends'} with "${scalar}", so this never matches`,
    remedy: words.remedy,
  }
}

/** A function of the tree that can never hold for the words it is called with, such as `has_role("nobody")`. */
function deadCalls({ expression, scope }: Site, resolver: Resolver, known: Known): readonly Dead[] {
  const call = callIn(expression.terms)
  const named = call === undefined ? undefined : resolver.rulesOf(call.ref, scope)
  if (call === undefined || named === undefined || named.rest.length > 0) return []
  const operands = call.operands.map((operand) => resolver.originsOf(operand, scope))
  const deadIn = named.definitions.map(({ module, rule }) => {
    const names = (rule.head.args ?? []).map(({ value }) => String(value))
    const inner = scopeOf(module, rule)
    const bound = { ...inner, bound: new Map(names.map((name, index) => [name, operands[index]])) }
    const without = rule.body.flatMap((one) => deadWords({ expression: one, scope: inner }, resolver, known))
    const dead = rule.body.flatMap((one) => deadWords({ expression: one, scope: bound }, resolver, known))
    return without.length === 0 ? dead[0] : undefined
  })
  const [first] = deadIn
  return first !== undefined && deadIn.every((dead) => dead !== undefined) ? [first] : []
}

/** Said once, at the last of the conditions that do not go together. */
function contradictions({ expression, scope }: Site, resolver: Resolver): readonly Dead[] {
  const [body = []] = scope.bodies
  const at = body.indexOf(expression)
  const before = allowedBy(body.slice(0, Math.max(0, at)), scope, resolver)
  const here = allowedBy(at === -1 ? [] : [expression], scope, resolver)
  return [...here].flatMap(([path, words]) => {
    const earlier = path === TYPE || path === ACTION ? [path, path === TYPE ? ACTION : TYPE] : [path]
    return earlier.flatMap((other) => {
      const others = before.get(other)
      if (others === undefined || words.some((word) => others.some((one) => goTogether(path, word, other, one))))
        return []
      const message = `${path} is ${words.join(' or ')} here, but ${other} is ${others.join(' or ')} above: this never matches`
      return [
        { level: 'error' as const, message, remedy: 'Write two rules if either may hold, or remove one condition' },
      ]
    })
  })
}

function goTogether(path: string, word: Scalar, other: string, one: Scalar): boolean {
  if (path === other) return word === one
  const [action, type] = path === ACTION ? [word, one] : [one, word]
  return ABOUT[String(action)]?.includes(type) ?? true
}

/** Attribute → the words that these conditions, all of which must hold, leave it. */
function allowedBy(
  body: readonly Expression[],
  scope: Scope,
  resolver: Resolver,
): ReadonlyMap<string, readonly Scalar[]> {
  const allowed = new Map<string, readonly Scalar[]>()
  for (const expression of body.filter(({ negated }) => negated !== true)) {
    for (const { path, scalars, isAnyOf, operator } of comparisonsIn({ expression, scope }, resolver)) {
      if (!isAnyOf || operator !== 'equal' || path[0] !== 'input' || path.includes('*')) continue
      const name = path.join('.')
      const others = allowed.get(name)
      allowed.set(name, others === undefined ? scalars : scalars.filter((scalar) => others.includes(scalar)))
    }
  }
  return allowed
}

function isAboutTool(scope: Scope, resolver: Resolver): boolean {
  const [, area] = scope.module.package
  const allowed = scope.bodies.map((body) => allowedBy(body, scope, resolver))
  const isOnly = (path: string, word: string) =>
    allowed.some((one) => one.get(path)?.every((scalar) => scalar === word))
  return area === 'tools' || isOnly(TYPE, 'tool') || isOnly(ACTION, 'tools/call')
}
