import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { err, ok, type Result } from '../../lib/result.ts'
import { parseStrictJson } from '../../lib/strict-json.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import { isObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'

/** A public key, and the algorithms that a signature made with it may name. */
export type VerificationKey = {
  readonly kid?: string
  readonly algorithms: readonly string[]
  readonly key: KeyObject
}

export type SigningKey = { readonly algorithm: string; readonly key: KeyObject }

const MIN_RSA_BITS = 2048
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g

/** Public keys of a file: PEM, as many as there are, or a JSON Web Key (Set). */
export function readVerificationKeys(
  text: string,
  file: string,
): Result<readonly VerificationKey[], readonly PolicyFault[]> {
  const remedy = 'Give public keys as PEM or as a JSON Web Key Set: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519'
  const read = text.trimStart().startsWith('{') ? jwksIn(text) : pemIn(text)
  return read.ok ? read : err([{ file, message: read.error, remedy }])
}

/** A private key in PEM; its type says how it signs. */
export function readSigningKey(text: string, file: string): Result<SigningKey, readonly PolicyFault[]> {
  const remedy = 'Give a private key as unencrypted PEM: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519'
  const made = attempt(() => createPrivateKey(text))
  if (!made.ok) return err([{ file, message: `holds no private key that can be read (${made.error})`, remedy }])
  const algorithms = algorithmsOf(made.value)
  const [algorithm] = algorithms.ok ? algorithms.value : []
  if (algorithm !== undefined) return ok({ algorithm, key: made.value })
  return err([{ file, message: algorithms.ok ? 'cannot sign' : algorithms.error, remedy }])
}

function pemIn(text: string): Result<readonly VerificationKey[], string> {
  const blocks = [...text.matchAll(PEM)]
  if (blocks.length === 0) return err('holds no key')
  return all(
    blocks.map(([block, label = '']) =>
      label.includes('PRIVATE') ? err('holds a private key') : toKey(() => createPublicKey(block), {}),
    ),
  )
}

function jwksIn(text: string): Result<readonly VerificationKey[], string> {
  const parsed = parseStrictJson(text)
  if (!parsed.ok) return parsed
  const { keys } = isObject(parsed.value) ? parsed.value : {}
  const jwks = keys === undefined ? [parsed.value] : Array.isArray(keys) ? keys : []
  if (jwks.length === 0) return err('holds no key')
  return all(jwks.map((jwk) => (isObject(jwk) ? jwkToKey(jwk) : err('holds a key that is no object'))))
}

function jwkToKey(jwk: Readonly<Record<string, unknown>>): Result<VerificationKey, string> {
  const { kty, d, kid, alg } = jwk
  if (kty === 'oct') return err('holds a shared secret: whoever can verify with it can sign')
  if (d !== undefined) return err('holds a private key')
  return toKey(() => createPublicKey({ key: jwk, format: 'jwk' }), { kid, alg })
}

function toKey(make: () => KeyObject, { kid, alg }: { kid?: unknown; alg?: unknown }): Result<VerificationKey, string> {
  const key = attempt(make)
  if (!key.ok) return err(`holds a key that cannot be read (${key.error})`)
  const possible = algorithmsOf(key.value)
  if (!possible.ok) return possible
  const algorithms = alg === undefined ? possible.value : possible.value.filter((name) => name === alg)
  if (algorithms.length === 0) return err(`holds a key for ${String(alg)}, which it cannot be used with`)
  return ok({ ...(typeof kid === 'string' && { kid }), algorithms, key: key.value })
}

function algorithmsOf(key: KeyObject): Result<readonly string[], string> {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= MIN_RSA_BITS ? ok(RSA) : err(`holds an RSA key of ${modulusLength} bits`)
    case 'ec': {
      const algorithm = CURVES[namedCurve]
      return algorithm === undefined ? err(`holds a key on the curve ${namedCurve}`) : ok([algorithm])
    }
    case 'ed25519':
      return ok(['EdDSA', 'Ed25519'])
    default:
      return err(`holds a key of type ${key.asymmetricKeyType}`)
  }
}

function all<T>(results: readonly Result<T, string>[]): Result<readonly T[], string> {
  const failed = results.find((result) => !result.ok)
  return failed ?? ok(results.flatMap((result) => (result.ok ? [result.value] : [])))
}

function attempt<T>(make: () => T): Result<T, string> {
  try {
    return ok(make())
  } catch (thrown) {
    return err(thrownText(thrown))
  }
}
