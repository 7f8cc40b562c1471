import { distinct } from '../../lib/distinct.ts'
import { Decision } from '../../model/decision.ts'
import type { Context } from '../../model/input.ts'
import type { Json } from '../../model/json.ts'
import { circumstances } from './circumstances.ts'
import { changedLiterals, type Literals } from './literals.ts'
import type { Path } from './places.ts'
import { type PolicyData, type Prefix, prefixesOf, reachable } from './policy-data.ts'
import { PEOPLE, type RoleSets, roleSets, scopeSets } from './subjects.ts'
import { otherTargets, type Target, type ToolTarget, toolTargets } from './targets.ts'

/** One of the two policies, as far as it says which questions are worth asking. */
export type Side = {
  readonly data: PolicyData
  readonly literals: Literals
  /** Names of arguments and claims that the rules look at. */
  readonly attributes: { readonly arguments: readonly string[]; readonly claims: readonly string[] }
}

/** What a server offers, whatever its policy. */
export type Offered = { readonly tools: readonly ToolTarget[]; readonly methods: readonly string[] }

/** Everything that was gathered from both policies. */
export type Atlas = {
  readonly roles: RoleSets
  readonly scopes: ReturnType<typeof scopeSets>
  readonly tools: readonly ToolTarget[]
  readonly others: readonly Target[]
  readonly literals: readonly string[]
  /** Of the literals, those that stand in one of the policies alone. */
  readonly changed: readonly string[]
  readonly contexts: readonly Context[]
  readonly names: readonly string[]
  readonly sides: readonly [Side, Side]
  readonly values: readonly Json[]
  readonly literalsLeftOut: number
}

/** What every policy writes into its decisions, and asks nobody for: members and values of their schema. */
const WORDS_OF_DECISIONS = new Set(JSON.stringify(Decision).match(/\w+/g))
const MAX_LITERALS = 96
const MAX_PREFIXES = 48
const MAX_VALUES = 24

export function drawAtlas(base: Side, head: Side, offered: Offered): Atlas {
  const sides = [base, head] as const
  const policies = sides.map(({ data }) => data)
  const changed = changedLiterals(base.literals, head.literals)
  const strings = distinct([...changed.strings, ...base.literals.strings])
  const others = new Set([...WORDS_OF_DECISIONS, ...offered.methods])
  const names = distinct([...changed.strings, ...strings.filter((text) => !others.has(text))])
  const literals = names.slice(0, MAX_LITERALS)
  const figures = distinct([
    ...changed.numbers,
    ...sides.flatMap(({ data, literals: { numbers } }) => [...data.figures, ...numbers]),
  ])
  return {
    sides,
    roles: roleSets(base.data, head.data),
    scopes: scopeSets(base.data, head.data, strings),
    tools: toolTargets(offered.tools, policies, changed.strings.slice(0, MAX_VALUES)),
    others: otherTargets(offered.methods, policies, literals),
    literals,
    changed: changed.strings.slice(0, MAX_VALUES),
    literalsLeftOut: names.length - literals.length,
    contexts: circumstances(figures),
    names: closedNames(base.data, head.data, changed.strings),
    values: [
      ...[true, false, 'other', 0],
      ...strings.slice(0, MAX_VALUES),
      ...distinct(figures.flatMap((figure) => [figure - 1, figure, figure + 1])).slice(0, MAX_VALUES),
    ],
  }
}

/** Names that the change is about, two that are closed before and after, and what constants may begin or end. */
function closedNames(base: PolicyData, head: PolicyData, constants: readonly string[]): readonly string[] {
  const [before, after] = [new Set(base.never), new Set(head.never)]
  const changed = [...before, ...after].filter((name) => before.has(name) !== after.has(name))
  const parts = constants.slice(0, MAX_VALUES).flatMap((text) => [text, `a${text}`, `${text}a`])
  return distinct([...changed, ...[...before].slice(0, 2), ...parts])
}

/** Of these roles, and of all roles as far as there is room: a role may come to what another has. */
export function prefixesFor({ sides, roles }: Atlas, own: readonly string[]): readonly Prefix[] {
  const ofRole = (names: readonly string[]) =>
    sides.flatMap(({ data }) => [...reachable(data, names)].flatMap((name) => prefixesOf(data.roles.get(name))))
  return distinct([...ofRole(own), ...ofRole(roles.single.flat())]).slice(0, MAX_PREFIXES)
}

/** Own folders, those of others, what is first open, and what is not. */
export function placesOfEachSort(prefixes: readonly Prefix[], names: readonly string[]): readonly Path[] {
  const folder = (id: string): readonly Path[] =>
    prefixes.slice(0, 2).map((prefix) => [...prefix.map((part) => (typeof part === 'string' ? part : id)), 'a.txt'])
  const own = prefixes.find((prefix) => prefix.some((part) => typeof part !== 'string'))
  const others = own?.map((part) => (typeof part === 'string' ? part : PEOPLE.other))
  const [first] = folder(PEOPLE.self)
  return distinct([
    ...folder(PEOPLE.self),
    ...(own === undefined ? [] : [own.map((part) => (typeof part === 'string' ? part : PEOPLE.self)), others ?? []]),
    ['elsewhere', 'a.txt'],
    ...(first === undefined ? [] : names.map((name) => [...first.slice(0, -1), name])),
  ])
}
