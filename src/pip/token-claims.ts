import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../lib/result.ts'
import type { Issuer } from './issuer.ts'
import type { JsonRecord, TokenFault } from './token.ts'

/** The year 9999: `jose` takes any number here, 1e400 and 9e15 included (measured). */
const Seconds = Type.Integer({ minimum: 0, maximum: 253_402_300_799 })

/** The claims that decide whether a token counts. What else it says is left to the claim mapping. */
const RegisteredClaims = Type.Object({
  iss: Type.String({ minLength: 1 }),
  sub: Type.String({ minLength: 1, maxLength: 256 }),
  aud: Type.Union([Type.String(), Type.Array(Type.String())]),
  exp: Seconds,
  nbf: Type.Optional(Seconds),
  iat: Type.Optional(Seconds),
  jti: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
})
export type RegisteredClaims = Static<typeof RegisteredClaims>

const validator = Compile(RegisteredClaims)

/** Control, format and separator characters: they forge log lines and look-alike names. */
export const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

export function readRegisteredClaims(claims: JsonRecord): Result<RegisteredClaims, TokenFault> {
  if (!validator.Check(claims)) return err('malformed_claims')
  // An inherited member must not stand in for a claim.
  if (!['iss', 'sub', 'aud', 'exp'].every((name) => Object.hasOwn(claims, name))) return err('malformed_claims')
  return isSubjectId(claims.sub) ? ok(claims) : err('malformed_claims')
}

export const isSubjectId = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= 256 &&
  !INVISIBLE.test(value) &&
  value.isWellFormed() &&
  value !== '__proto__'

/** Everything about a token that may change while it lies in the cache, revocation apart. */
export function checkTimes(claims: RegisteredClaims, issuer: Issuer, now: number): TokenFault | undefined {
  const tolerance = issuer.clock_tolerance
  const seconds = Math.floor(now / 1000)
  if (claims.exp <= seconds - tolerance) return 'expired'
  if (claims.nbf !== undefined && claims.nbf > seconds + tolerance) return 'not_yet_valid'
  if (claims.iat !== undefined && claims.iat > seconds + tolerance) return 'issued_in_the_future'
  // Without `iat` the life still ahead is measured, so that leaving it out gains nothing.
  if (claims.exp - (claims.iat ?? seconds) > issuer.max_lifetime) return 'lifetime_too_long'
  return undefined
}
