import { pointerMembers } from '../lib/json-pointer.ts'
import { isScopeToken } from '../lib/scope-token.ts'
import { valueAt } from '../model/json.ts'
import type { Actor, Subject } from '../model/subject.ts'
import type { ClaimMapping, Issuer } from './issuer.ts'
import type { JsonRecord } from './token.ts'
import { INVISIBLE } from './token-claims.ts'

const MAX_ITEMS = 256
const MAX_LENGTH = 256

/**
 * The subject that verified claims describe. A claim of any shape but the configured one says nothing:
 * it yields no role and no scope, never an exception and never a guess.
 */
export function toSubject(claims: JsonRecord, id: string, issuer: Issuer, actors: readonly Actor[] = []): Subject {
  const mapping = issuer.claims
  return {
    type: subjectType(claims, mapping),
    id,
    properties: {
      issuer: issuer.issuer,
      home: issuer.home,
      tenant: mapping.tenant === undefined ? '' : name(valueAt(claims, pointerMembers(mapping.tenant))),
      actors: [...actors],
      client_id: name(firstAt(claims, mapping.client_id, ['/client_id', '/azp'])),
      roles: roles(valueAt(claims, pointerMembers(mapping.roles)), mapping.roles_format),
      scopes: scopes(firstAt(claims, mapping.scopes, ['/scope', '/scp'])),
      claims: Object.fromEntries(
        mapping.keep.filter((key) => Object.hasOwn(claims, key)).map((key) => [key, claims[key]]),
      ),
    },
  }
}

function subjectType(claims: JsonRecord, { type }: ClaimMapping): string {
  const value = type.claim === undefined ? undefined : valueAt(claims, pointerMembers(type.claim))
  if (typeof value !== 'string' || !Object.hasOwn(type.values, value)) return type.default
  return type.values[value] ?? type.default
}

function roles(value: unknown, format: ClaimMapping['roles_format']): string[] {
  const list = format === 'space_separated' ? words(value) : value
  return Array.isArray(list) && list.every(isName) ? bounded(list) : []
}

/** A string of scope tokens with single spaces (RFC 6749), or an array of them as some issuers write `scp`. */
function scopes(value: unknown): string[] {
  const list = Array.isArray(value) ? value : words(value)
  const isScope = (item: unknown): item is string => isName(item) && isScopeToken(item)
  return list?.every(isScope) ? bounded(list) : []
}

const words = (value: unknown): string[] | undefined => (typeof value === 'string' ? value.split(' ') : undefined)

const bounded = (list: readonly string[]): string[] => (list.length > MAX_ITEMS ? [] : [...new Set(list)])

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_LENGTH && !INVISIBLE.test(value)

const name = (value: unknown): string => (isName(value) ? value : '')

function firstAt(claims: JsonRecord, configured: string | undefined, usual: readonly string[]): unknown {
  const pointers = configured === undefined ? usual : [configured]
  return pointers.map((pointer) => valueAt(claims, pointerMembers(pointer))).find((value) => value !== undefined)
}
