import { distinct } from '../../lib/distinct.ts'
import type { Context, PolicyInput } from '../../model/input.ts'
import type { Resource } from '../../model/resource.ts'
import { type Atlas, drawAtlas, type Offered, placesOfEachSort, prefixesFor, type Side } from './atlas.ts'
import { USUAL } from './circumstances.ts'
import { placesFor } from './places.ts'
import { PEOPLE, SUBJECT_TYPES, subjectWith, type Traits } from './subjects.ts'

export type World = {
  readonly questions: () => Generator<PolicyInput>
  /** What there is and was not asked, for a person. */
  readonly leftOut: readonly string[]
}

/**
 * The questions that the differences of two policies could show in: every caller by every tool and method,
 * at places, times, sizes and names that either policy knows. Always the same ones in the same order.
 */
export function enumerateWorld(base: Side, head: Side, offered: Offered): World {
  const atlas = drawAtlas(base, head, offered)
  return {
    questions: () => questionsOf(atlas),
    leftOut: [
      ...(atlas.roles.leftOut > 0 ? [`${atlas.roles.leftOut} more roles`] : []),
      ...(atlas.literalsLeftOut > 0 ? [`${atlas.literalsLeftOut} more constants`] : []),
      'combinations of three and more roles, but for all together',
    ],
  }
}

/** Of changed constants, those that are put together with callers. */
const MAX_NAMES = 12

function* questionsOf(atlas: Atlas): Generator<PolicyInput> {
  const { roles, scopes } = atlas
  for (const set of [...roles.single, ...roles.combined]) yield* everyPlace(atlas, { roles: set, scopes: scopes.all })
  for (const set of roles.single) {
    const usual: Traits = { roles: set, scopes: scopes.all }
    for (const traits of callers(atlas, set))
      yield* keyPlaces(atlas, traits, traits.scopes === scopes.all ? MAX_NAMES : 1)
    for (const { action, resource } of atlas.others) yield question(usual, action, resource)
    for (const traits of named(atlas, set)) yield* briefly(atlas, traits)
    for (const traits of newlyNamed(atlas, set)) yield* keyPlaces(atlas, traits, MAX_NAMES)
    for (const context of atlas.contexts) yield* briefly(atlas, usual, context)
    yield* withArguments(atlas, usual)
  }
  for (const set of scopes.sets) {
    for (const { action, resource } of atlas.others) {
      for (const role of roles.single) yield question({ roles: role, scopes: set }, action, resource)
    }
  }
}

const question = (traits: Traits, action: string, resource: Resource, context: Context = USUAL): PolicyInput => ({
  subject: subjectWith(traits),
  action: { name: action },
  resource,
  context,
})

/** Whether each tool exists, and a call of it at every place. */
function* everyPlace(atlas: Atlas, traits: Traits): Generator<PolicyInput> {
  const places = placesFor(prefixesFor(atlas, traits.roles), atlas.names, PEOPLE)
  for (const tool of atlas.tools) {
    yield question(traits, 'tools/call', tool.existence)
    for (const place of tool.takesPath ? places : [[]]) yield question(traits, 'tools/call', tool.call(place))
  }
}

/** As `everyPlace`, at one place of each sort, and below it at so many names. */
function* keyPlaces(atlas: Atlas, traits: Traits, names: number): Generator<PolicyInput> {
  const places = placesOfEachSort(prefixesFor(atlas, traits.roles), atlas.names.slice(0, names))
  for (const tool of atlas.tools) {
    yield question(traits, 'tools/call', tool.existence)
    for (const place of tool.takesPath ? places : [[]]) yield question(traits, 'tools/call', tool.call(place))
  }
}

/** Kinds of subjects, home and foreign, with the scopes that tokens may have. */
const callers = ({ scopes }: Atlas, roles: readonly string[]): readonly Traits[] =>
  SUBJECT_TYPES.flatMap((type) =>
    [false, true].flatMap((foreign) => scopes.sets.map((set): Traits => ({ roles, type, foreign, scopes: set }))),
  )

/** Callers who are called what a rule says: a constant may be a role, a tenant, an id, a claim. */
function named({ literals, scopes, sides, values }: Atlas, roles: readonly string[]): readonly Traits[] {
  const usual = { roles, scopes: scopes.all }
  const claims = distinct(sides.flatMap(({ attributes }) => attributes.claims))
  return [
    ...literals.flatMap((text): readonly Traits[] => [
      { ...usual, roles: [...roles, text] },
      { ...usual, type: text },
      { ...usual, id: text },
      { ...usual, tenant: text },
      { ...usual, clientId: text },
      { ...usual, scopes: [...scopes.all, text] },
    ]),
    ...claims.flatMap((claim) => values.map((value): Traits => ({ ...usual, claims: { [claim]: value } }))),
  ]
}

/** A call of each tool at a place that these roles are most likely to have. */
function* briefly(atlas: Atlas, traits: Traits, context?: Context): Generator<PolicyInput> {
  const [place = []] = placesOfEachSort(prefixesFor(atlas, traits.roles), atlas.names)
  for (const tool of atlas.tools) yield question(traits, 'tools/call', tool.call(place), context)
}

/** Where a change speaks of somebody, it may also speak of a place. */
const newlyNamed = ({ changed, scopes }: Atlas, roles: readonly string[]): readonly Traits[] =>
  changed.flatMap((text): readonly Traits[] => [
    { roles: [...roles, text], scopes: scopes.all },
    { roles, type: text, scopes: scopes.all },
  ])

function* withArguments(atlas: Atlas, traits: Traits): Generator<PolicyInput> {
  const names = distinct(atlas.sides.flatMap(({ attributes }) => attributes.arguments))
  const [place = []] = placesOfEachSort(prefixesFor(atlas, traits.roles), atlas.names)
  for (const tool of atlas.tools) {
    const call = tool.call(place)
    for (const name of names) {
      for (const value of atlas.values) {
        const args = { ...call.properties.arguments, [name]: value }
        yield question(traits, 'tools/call', { ...call, properties: { ...call.properties, arguments: args } })
      }
    }
  }
}
