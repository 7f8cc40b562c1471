import { distinct } from '../../lib/distinct.ts'
import type { Json } from '../../model/json.ts'
import type { Subject } from '../../model/subject.ts'
import type { People } from './places.ts'
import { type PolicyData, reachable } from './policy-data.ts'

export const PEOPLE: People = { self: 'alice', other: 'bob' }
export const SUBJECT_TYPES = ['user', 'agent', 'service'] as const
const HOME = 'https://issuer.example'
const FOREIGN = 'https://foreign.example'
const UNKNOWN_ROLE = 'role-nobody-described'

const MAX_ROLES = 64
const MAX_PAIRED = 12

/** What sets one caller apart from the caller that is asked about most. */
export type Traits = {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly type?: string
  readonly id?: string
  readonly foreign?: boolean
  readonly tenant?: string
  readonly clientId?: string
  readonly claims?: Readonly<Record<string, Json>>
}

export function subjectWith(traits: Traits): Subject {
  const { roles, scopes, type = 'user', id = PEOPLE.self, foreign = false, tenant = '', clientId = '' } = traits
  const issuer = foreign ? FOREIGN : HOME
  const claims = { ...traits.claims }
  return {
    type,
    id,
    properties: { issuer, home: !foreign, tenant, client_id: clientId, roles: [...roles], scopes: [...scopes], claims },
  }
}

export type RoleSets = {
  /** No role, one that nobody described, and each role by itself. */
  readonly single: readonly (readonly string[])[]
  /** Roles together. */
  readonly combined: readonly (readonly string[])[]
  readonly leftOut: number
}

/** Roles of both policies; those that the change touches come first where there are too many to ask all. */
export function roleSets(base: PolicyData, head: PolicyData): RoleSets {
  const known = distinct([base, head].flatMap(({ roles, inherits }) => [...roles.keys(), ...inherits.keys()]))
  const changed = known.filter((role) => meaning(base, role) !== meaning(head, role))
  const shapes = new Map(known.map((role) => [meaning(head, role), role]))
  const asked = [...new Set([...changed, ...shapes.values(), ...known])].slice(0, MAX_ROLES)
  const paired = asked.slice(0, MAX_PAIRED)
  const pairs = paired.flatMap((a, index) => paired.slice(index + 1).map((b) => [a, b]))
  return {
    single: [[], [UNKNOWN_ROLE], ...asked.map((role) => [role])],
    combined: [...pairs, ...(asked.length > 2 ? [asked] : [])],
    leftOut: known.length - asked.length,
  }
}

/** Everything the data says of a role, what it inherits included. */
function meaning(data: PolicyData, role: string): string {
  const roles = [...reachable(data, [role])].toSorted()
  return JSON.stringify(roles.map((name) => data.roles.get(name) ?? null))
}

/** No scope, all of them, and each by itself; names with a colon among the constants are taken for scopes. */
export function scopeSets(
  base: PolicyData,
  head: PolicyData,
  strings: readonly string[],
): { readonly all: readonly string[]; readonly sets: readonly (readonly string[])[] } {
  const named = strings.filter((text) => /^[\w.-]+:[\w.:-]+$/.test(text))
  const all = distinct([...base.scopes, ...head.scopes, ...named])
  return { all, sets: distinct([all, [], ...all.map((scope) => [scope])]) }
}
