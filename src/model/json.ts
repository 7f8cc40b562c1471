/** A JSON value as our strict parser yields it: no prototype tricks, no duplicate keys, only well-formed strings. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The members of an object; of anything else there are none. */
export const membersOf = (value: unknown): JsonObject => (isObject(value) ? value : {})

/** What stands at a path of own members; undefined where there is none. */
export function valueAt(value: unknown, members: readonly string[]): Json | undefined {
  let at: unknown = value
  for (const member of members) at = isObject(at) && Object.hasOwn(at, member) ? at[member] : undefined
  return at as Json | undefined
}

/** JSON with the members of each object in one order: the same text for values that differ in that order alone. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member,
  ) ?? 'undefined'
