import { err, ok, type Result } from '../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../lib/strict-json.ts'
import { isObject } from '../model/json.ts'

/** Why a token was not accepted: for the record alone, never for the caller. */
export type TokenFault =
  | 'token_too_large'
  | 'not_a_compact_jws'
  | 'malformed_json'
  | 'algorithm_not_allowed'
  | 'type_not_allowed'
  | 'critical_header'
  | 'malformed_claims'
  | 'issuer_unknown'
  | 'audience_mismatch'
  | 'not_an_access_token'
  | 'bound_to_a_key'
  | 'claim_missing'
  | 'client_ambiguous'
  | 'malformed_actors'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_the_future'
  | 'lifetime_too_long'
  | 'keys_unavailable'
  | 'key_unknown'
  | 'signature_invalid'
  | 'revoked'
  | 'revocations_unavailable'

export type JsonRecord = Readonly<Record<string, unknown>>

/** A token as read, before anything in it is trusted. */
export type UnverifiedToken = { readonly compact: string; readonly header: JsonRecord; readonly claims: JsonRecord }

const MAX_BYTES = 16_384

/** The credentials of `Authorization: Bearer <token>` (RFC 6750, 2.1), or why there are none. */
export function readBearer(
  authorization: string | undefined,
): Result<string, 'token_missing' | 'authorization_malformed'> {
  if (authorization === undefined) return err('token_missing')
  const [scheme = '', ...credentials] = authorization.trim().split(/ +/)
  // Two header fields arrive joined by a comma, which no token contains.
  const isOneOfSeveral = /,\s*bearer\b/i.test(authorization)
  if (scheme.toLowerCase() !== 'bearer') return err(isOneOfSeveral ? 'authorization_malformed' : 'token_missing')
  const [token] = credentials
  if (token === undefined || credentials.length > 1 || isOneOfSeveral) return err('authorization_malformed')
  return ok(token)
}

/**
 * Reads a JWS in compact form (RFC 7515, 7.1) more strictly than `jose` does: canonical base64url without
 * padding or white space, so that one token has one spelling, and JSON that has one meaning.
 */
export function readToken(compact: string): Result<UnverifiedToken, TokenFault> {
  if (compact.length > MAX_BYTES) return err('token_too_large')
  const parts = compact.split('.')
  const [header = '', payload = ''] = parts
  if (parts.length !== 3 || !parts.every(isCanonicalBase64Url)) return err('not_a_compact_jws')
  const read = { header: readObject(header), claims: readObject(payload) }
  if (read.header === undefined || read.claims === undefined) return err('malformed_json')
  return ok({ compact, header: read.header, claims: read.claims })
}

const isCanonicalBase64Url = (part: string): boolean =>
  part.length > 0 && Buffer.from(part, 'base64url').toString('base64url') === part

function readObject(part: string): JsonRecord | undefined {
  const text = decodeUtf8(Buffer.from(part, 'base64url'))
  if (!text.ok) return undefined
  const json = parseStrictJson(text.value, { depth: 16 })
  return json.ok && isObject(json.value) ? json.value : undefined
}
