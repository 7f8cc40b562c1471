import { type CryptoKey, createLocalJWKSet, importJWK, type JWK } from 'jose'
import { err, ok, type Result } from '../lib/result.ts'
import { parseStrictJson } from '../lib/strict-json.ts'
import { isObject } from '../model/json.ts'
import type { JsonRecord } from './token.ts'

/** The usable keys of one JWKS document. A changed document is another object. */
export type Keys = {
  readonly count: number
  /** Keys left out, and why: for `/readyz`. */
  readonly ignored: readonly string[]
  /** The one key that fits the header of a token. */
  readonly find: (header: JsonRecord) => Promise<CryptoKey | undefined>
}

const MAX_KEYS = 100

/** Reads a JSON Web Key Set (RFC 7517, 5). A key that cannot be used is left out and named; none left is an error. */
export async function readKeyDocument(text: string): Promise<Result<Keys, string>> {
  const json = parseStrictJson(text, { depth: 8 })
  if (!json.ok) return err(`the key set is malformed: ${json.error}`)
  const listed = isObject(json.value) ? json.value['keys'] : undefined
  if (!Array.isArray(listed)) return err('the key set has no array "keys"')
  if (listed.length > MAX_KEYS) return err(`the key set holds more than ${MAX_KEYS} keys`)

  const read = withoutTwins(await Promise.all(listed.map(readKey)))
  const keys = read.flatMap((key) => (key.ok ? [key.value] : []))
  const ignored = read.flatMap((key, index) => (key.ok ? [] : [`keys[${index}]: ${key.error}`]))
  if (keys.length === 0) return err(['the key set holds no usable key', ...ignored].join('; '))

  const select = createLocalJWKSet({ keys })
  const find = (header: JsonRecord) => select({ ...header, alg: String(header['alg']) }).catch(() => undefined)
  return ok({ count: keys.length, ignored, find })
}

async function readKey(jwk: unknown): Promise<Result<JWK, string>> {
  if (!isObject(jwk)) return err('it is not an object')
  const type = TYPES.get(jwk['kty'])
  if (type === undefined) return err('its type is not EC, RSA or OKP; symmetric keys are never accepted')
  if (Object.hasOwn(jwk, 'd')) return err('it is a private key; publish public keys only and replace this one')
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return err('it is not for signatures')
  const unfit = type.unfit(jwk)
  if (unfit !== undefined) return err(unfit)
  const key = Object.fromEntries(
    PUBLIC_MEMBERS.filter((name) => Object.hasOwn(jwk, name)).map((name) => [name, jwk[name]]),
  )
  try {
    await importJWK(key, type.algorithm)
    return ok(key)
  } catch {
    return err('it is malformed')
  }
}

const PUBLIC_MEMBERS = ['kty', 'kid', 'alg', 'use', 'key_ops', 'n', 'e', 'crv', 'x', 'y']

type KeyType = { readonly algorithm: string; readonly unfit: (jwk: JsonRecord) => string | undefined }

const curve = (name: string) => (jwk: JsonRecord) => (jwk['crv'] === name ? undefined : `its curve is not ${name}`)

const TYPES: ReadonlyMap<unknown, KeyType> = new Map([
  ['EC', { algorithm: 'ES256', unfit: curve('P-256') }],
  ['OKP', { algorithm: 'EdDSA', unfit: curve('Ed25519') }],
  ['RSA', { algorithm: 'RS256', unfit: unfitRsa }],
])

/** NIST SP 800-131A asks for 2048 bits; far longer ones only cost time. An exponent of 1 signs nothing. */
function unfitRsa(jwk: JsonRecord): string | undefined {
  const [modulus, exponent] = [unsigned(jwk['n']), unsigned(jwk['e'])]
  if (modulus === undefined || exponent === undefined) return 'it is malformed'
  const bits = modulus.toString(2).length
  if (bits < 2048 || bits > 8192) return `its modulus has ${bits} bits; 2048 to 8192 are accepted`
  if (modulus % 2n === 0n || exponent % 2n === 0n || exponent < 3n || exponent >= 2n ** 64n) return 'it is weak'
  return undefined
}

function unsigned(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^[\w-]{1,2048}$/.test(value)) return undefined
  return BigInt(`0x0${Buffer.from(value, 'base64url').toString('hex')}`)
}

/** Two keys of one `kid`, type and algorithm cannot be told apart (RFC 7517, 4.5): neither is used. */
function withoutTwins(read: readonly Result<JWK, string>[]): readonly Result<JWK, string>[] {
  const names = read.map((key) => (key.ok && key.value.kid !== undefined ? identity(key.value) : undefined))
  const isTwin = (name: string | undefined) => name !== undefined && names.indexOf(name) !== names.lastIndexOf(name)
  return read.map((key, index) => (isTwin(names[index]) ? err('its kid is not unique') : key))
}

const identity = ({ kid, kty, alg }: JWK): string => JSON.stringify([kid, kty, alg])
