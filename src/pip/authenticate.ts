import { type CryptoKey, errors, jwtVerify } from 'jose'
import { err, ok, type Result } from '../lib/result.ts'
import type { RefusalAt } from '../model/refusal.ts'
import type { Subject } from '../model/subject.ts'
import { toSubject } from './claims.ts'
import type { Issuer } from './issuer.ts'
import type { Keys } from './key-document.ts'
import type { KeySet } from './key-set.ts'
import type { Revocations } from './revocation.ts'
import { readBearer, readToken, type TokenFault, type UnverifiedToken } from './token.ts'
import { readActors } from './token-actors.ts'
import { isAccepted } from './token-audience.ts'
import { createTokenCache } from './token-cache.ts'
import { checkTimes, type RegisteredClaims, readRegisteredClaims } from './token-claims.ts'
import { checkUse } from './token-use.ts'

export type Authenticate = (authorization: string | undefined) => Promise<Result<Subject, RefusalAt<'authenticate'>>>

/** An issuer with its keys. The keys are chosen by the issuer a token names, never by `kid` alone. */
export type TrustedIssuer = { readonly issuer: Issuer; readonly keySet: KeySet }

type Verified = {
  readonly trusted: TrustedIssuer
  readonly keys: Keys
  readonly claims: RegisteredClaims
  readonly subject: Subject
}

/**
 * Who calls: read the credentials, choose the issuer, verify signature and claims, check time and
 * revocation. The last two are asked of a remembered token again, and a token verified with keys that
 * have changed since is verified anew.
 */
export function createAuthenticate(options: {
  readonly issuers: readonly TrustedIssuer[]
  readonly revocations?: Revocations
  readonly now: () => number
  readonly cacheSize: number
}): Authenticate {
  const { revocations, now } = options
  const issuers = new Map(options.issuers.map((trusted) => [trusted.issuer.issuer, trusted]))
  const cache = createTokenCache<Verified, TokenFault>({ max: options.cacheSize })

  const remembered = async (token: string): Promise<Verified | undefined> => {
    const verified = cache.get(token)
    if (verified === undefined || (await verified.trusted.keySet.current()) === verified.keys) return verified
    cache.forget(token)
    return undefined
  }

  const verify = async (token: string): Promise<Result<Verified, TokenFault>> => {
    const unverified = readToken(token)
    if (!unverified.ok) return unverified
    const trusted = issuers.get(String(unverified.value.claims['iss']))
    if (trusted === undefined) return err('issuer_unknown')
    return verifyToken(unverified.value, trusted, now())
  }

  const admit = async ({ claims, trusted, subject }: Verified): Promise<Result<Subject, TokenFault>> => {
    const late = checkTimes(claims, trusted.issuer, now())
    if (late !== undefined) return err(late)
    const revoked = await revocations?.isRevoked(claims)
    if (revoked === 'unknown') return err('revocations_unavailable')
    return revoked ? err('revoked') : ok(subject)
  }

  return async (authorization) => {
    const bearer = readBearer(authorization)
    if (!bearer.ok) return err({ code: bearer.error })
    const token = bearer.value
    const known = await remembered(token)
    const verified = known === undefined ? await cache.verify(token, () => verify(token)) : ok(known)
    if (!verified.ok) return refuse(verified.error)
    const admitted = await admit(verified.value)
    if (admitted.ok) return admitted
    cache.forget(token)
    return refuse(admitted.error)
  }
}

const refuse = (cause: TokenFault) => err({ code: 'token_invalid' as const, cause })

async function verifyToken(
  token: UnverifiedToken,
  trusted: TrustedIssuer,
  now: number,
): Promise<Result<Verified, TokenFault>> {
  const { issuer, keySet } = trusted
  const unfit = checkHeader(token, issuer)
  if (unfit !== undefined) return err(unfit)
  const found = await findKey(token, keySet)
  if (!found.ok) return found
  const unsigned = await checkSignature(token, found.value.key, issuer, now)
  if (unsigned !== undefined) return err(unsigned)
  if (!isAccepted(token.claims['aud'], issuer.audiences)) return err('audience_mismatch')
  const claims = readRegisteredClaims(token.claims)
  if (!claims.ok) return claims
  const misused = checkUse(token, issuer)
  if (misused !== undefined) return err(misused)
  const actors = readActors(token.claims, issuer.issuer)
  if (!actors.ok) return actors
  const subject = toSubject(token.claims, claims.value.sub, issuer, actors.value)
  return ok({ trusted, keys: found.value.keys, claims: claims.value, subject })
}

/** RFC 8725, 3.1 and 3.11. `jwk`, `jku`, `x5c` and `x5u` are never looked at. */
function checkHeader({ header }: UnverifiedToken, issuer: Issuer): TokenFault | undefined {
  const { alg, typ } = header
  if (!issuer.algorithms.some((algorithm) => algorithm === alg)) return 'algorithm_not_allowed'
  // RFC 7515, 4.1.9: `application/` may be left out, and case does not count.
  const type =
    typ === undefined
      ? 'none'
      : String(typ)
          .toLowerCase()
          .replace(/^application\//, '')
  if (!issuer.token_types.some((allowed) => allowed.toLowerCase() === type)) return 'type_not_allowed'
  return header['crit'] === undefined ? undefined : 'critical_header'
}

type Found = { readonly key: CryptoKey; readonly keys: Keys }

async function findKey({ header }: UnverifiedToken, keySet: KeySet): Promise<Result<Found, TokenFault>> {
  for (const read of [keySet.current, keySet.refresh]) {
    const keys = await read()
    if (keys === undefined) return err('keys_unavailable')
    const key = await keys.find(header)
    if (key !== undefined) return ok({ key, keys })
  }
  return err('key_unknown')
}

async function checkSignature(
  token: UnverifiedToken,
  key: CryptoKey,
  issuer: Issuer,
  now: number,
): Promise<TokenFault | undefined> {
  try {
    await jwtVerify(token.compact, key, {
      algorithms: [...issuer.algorithms],
      issuer: issuer.issuer,
      clockTolerance: issuer.clock_tolerance,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'sub', 'aud'],
    })
    return undefined
  } catch (error) {
    return toFault(error)
  }
}

function toFault(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (!(error instanceof errors.JWTClaimValidationFailed)) return 'signature_invalid'
  if (error.claim === 'aud') return 'audience_mismatch'
  if (error.claim === 'nbf' && error.reason === 'check_failed') return 'not_yet_valid'
  return 'malformed_claims'
}
