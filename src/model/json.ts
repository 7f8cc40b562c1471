/** A JSON value as our strict parser yields it: no prototype tricks, no duplicate keys, only well-formed strings. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The members of an object; of anything else there are none. */
export const membersOf = (value: unknown): JsonObject => (isObject(value) ? value : {})
