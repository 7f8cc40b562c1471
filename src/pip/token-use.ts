import type { Issuer } from './issuer.ts'
import type { JsonRecord, TokenFault, UnverifiedToken } from './token.ts'

/** Hashes of what an ID token was issued beside (OpenID Connect Core, 3.3.2.11), and the events of a logout token. */
const NOT_OF_ACCESS_TOKENS = ['at_hash', 'c_hash', 's_hash', 'events']

/** What Keycloak calls its other tokens, in a claim. */
const OTHER_TYPES = new Set(['id', 'refresh', 'offline', 'logout', 'initialaccesstoken', 'registrationaccesstoken'])

/**
 * Whether a token of a trusted issuer is one that a plain bearer may use here. Not every issuer sets `typ`
 * (RFC 9068), so what only other kinds of token say is looked for too.
 */
export function checkUse({ header, claims }: UnverifiedToken, issuer: Issuer): TokenFault | undefined {
  if (isOtherToken(header, claims)) return 'not_an_access_token'
  // RFC 7800: it is good for nothing without the proof, which nobody asks for here.
  if (Object.hasOwn(claims, 'cnf')) return 'bound_to_a_key'
  if (!issuer.required_claims.every((name) => Object.hasOwn(claims, name))) return 'claim_missing'
  return isOfTwoClients(claims) ? 'client_ambiguous' : undefined
}

function isOtherToken(header: JsonRecord, claims: JsonRecord): boolean {
  const has = (name: string) => Object.hasOwn(claims, name)
  if (NOT_OF_ACCESS_TOKENS.some(has)) return true
  if (has('token_use') && claims['token_use'] !== 'access') return true
  if (has('typ') && OTHER_TYPES.has(String(claims['typ']).toLowerCase())) return true
  // some issuers repeat it in access tokens, which then say what they are
  return has('nonce') && !/^(?:application\/)?at\+jwt$/i.test(String(header['typ']))
}

/** RFC 9068 and OpenID Connect name the client differently, but never two clients. */
const isOfTwoClients = ({ client_id, azp }: JsonRecord): boolean =>
  typeof client_id === 'string' && typeof azp === 'string' && client_id !== azp
