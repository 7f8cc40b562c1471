/** A JSON value as our strict parser yields it: no prototype tricks, no duplicate keys, only well-formed strings. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }
