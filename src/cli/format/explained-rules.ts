import type { Decided } from '../../model/decision.ts'
import type { Body, Condition, Explanation, RuleFinding, TermValue } from '../../pap/explain/explanation.ts'
import type { Kind } from '../../pap/rego/kinds.ts'

const MAX_MISSES = 2
/** Alternatives of one condition, and how deep they go: `--format json` has all of them. */
const MAX_CAUSES = 3
const MAX_DEPTH = 4

type Section = readonly string[]

/** The rules that fired and those that nearly did, as much as a screen takes; or all of them. */
export function ruleSections({ decision, rules }: Explanation, { all }: { readonly all: boolean }): readonly Section[] {
  const fired = rules.filter(({ state }) => state === 'fired')
  if (all) return [...titled('Fired', fired), ...titled('Did not fire', without(rules, fired))]
  const kinds = decidingKinds(decision)
  const deciding = kinds.flatMap((kind) => fired.filter((rule) => rule.kind === kind))
  const misses = nearest(rules, decision.effect)
  const rest = rules.length - deciding.length - misses.length
  return [
    ...titled('Fired', deciding),
    ...titled('Came nearest', misses),
    ...(rest > 0 ? [[`${rest} more ${rest === 1 ? 'rule was' : 'rules were'} considered; --all shows them`]] : []),
  ]
}

const without = (rules: readonly RuleFinding[], others: readonly RuleFinding[]): readonly RuleFinding[] =>
  rules.filter((rule) => !others.includes(rule))

/** Limits and obligations follow from a permit and make none; a scope that is there denies nothing. */
function decidingKinds(decision: Decided): readonly Kind[] {
  if (decision.effect === 'permit') return ['permit', 'scope']
  const lacksScope = decision.effect === 'deny' && decision.scopes.length > 0
  return ['deny', 'deny_call', ...(lacksScope ? (['scope'] as const) : []), 'permit']
}

/** Rules that could have made it otherwise: of a denial without any permit the permits, of a permit the denials. */
function nearest(rules: readonly RuleFinding[], effect: Decided['effect']): readonly RuleFinding[] {
  const hasPermit = rules.some(({ kind, state }) => kind === 'permit' && state === 'fired')
  if (hasPermit && effect !== 'permit') return []
  const kinds: readonly Kind[] = hasPermit ? ['deny', 'deny_call'] : ['permit']
  return rules
    .filter(({ kind, state, bodies }) => kinds.includes(kind) && state === 'not_fired' && heldIn(bodies) > 0)
    .toSorted((a, b) => heldIn(b.bodies) - heldIn(a.bodies))
    .slice(0, MAX_MISSES)
}

const heldIn = (bodies: readonly Body[]): number => Math.max(0, ...bodies.map(({ held }) => held))

function titled(title: string, rules: readonly RuleFinding[]): readonly Section[] {
  if (rules.length === 0) return []
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  return [[title, ...rules.flatMap((rule) => ruleLines(rule, width))]]
}

function ruleLines({ kind, rule, title = '', state, said, bodies }: RuleFinding, width: number): readonly string[] {
  const scopes = kind === 'scope' && said.length > 0 ? ` (${said.join(', ')})` : ''
  const note = state === 'not_asked' ? ' (asked of calls only)' : ''
  return [
    `  ${kind.padEnd(9)}  ${rule.padEnd(width)}  ${title}${scopes}${note}`.trimEnd(),
    ...(state === 'not_asked' ? [] : bodyLines(bodies)),
  ]
}

function bodyLines(bodies: readonly Body[]): readonly string[] {
  const held = bodies.filter(({ failed }) => failed === undefined)
  const most = heldIn(bodies)
  const shown = held.length > 0 ? held : bodies.filter((body) => body.held === most)
  return shown.flatMap(({ failed, because }) => {
    if (failed !== undefined) return conditionLines(failed, { depth: 0, failed: true })
    const explained = because.filter(({ causes }) => causes.length > 0)
    const decisive = explained.length > 0 ? explained : because.slice(-1)
    return decisive.flatMap((condition) => conditionLines(condition, { depth: 0, failed: false }))
  })
}

type At = { readonly depth: number; readonly failed: boolean; readonly within?: string }

function conditionLines(condition: Condition, { depth, failed, within }: At): readonly string[] {
  const { file, line, text, values, tried, negated, causes } = condition
  const indent = '  '.repeat(depth + 2)
  const place = file === within ? `:${line}` : `${file}:${line}`
  const times = tried === undefined ? '' : ` (tried ${tried} times)`
  const inner = depth + 1 < MAX_DEPTH ? causes.slice(0, MAX_CAUSES) : []
  const rest = depth + 1 < MAX_DEPTH ? causes.length - inner.length : 0
  const causesFailed = failed !== (negated === true)
  const why = inner.length === 0 ? '' : causesFailed ? ', since this failed:' : ', since this held:'
  const shown = inner.length > 0 || values.length === 0 ? [] : [`where ${values.map(valueText).join(', ')}`]
  return [
    `${indent}${place}  ${depth === 0 && failed ? 'failed: ' : ''}${text}${times}${why}`,
    ...shown.map((where) => `${indent}  ${where}`),
    ...inner.flatMap((cause) => conditionLines(cause, { depth: depth + 1, failed: causesFailed, within: file })),
    ...(rest > 0 ? [`${indent}  … and ${rest} more`] : []),
  ]
}

const valueText = ({ term, value }: TermValue): string =>
  value === undefined ? `${term} is undefined` : `${term} = ${JSON.stringify(value)}`
