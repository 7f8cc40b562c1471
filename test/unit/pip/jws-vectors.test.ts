import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { createAuthenticate } from '../../../src/pip/authenticate.ts'
import { CLAIMS, createSigner, HEADER, issuerOf, jwksOf, keySetOf, NOW, sign } from './signing.ts'

/**
 * The tests that Wycheproof names in `json_web_signature_test`, made anew: its own vectors sign the text "foo",
 * which is refused as no claims before its signature is looked at.
 */
const es256 = await createSigner('ES256', 'k1')
const rs256 = await createSigner('RS256', 'rsa')
const ps256 = await createSigner('PS256', 'pss')
const attacker = await createSigner('ES256', 'k1')

const authenticate = createAuthenticate({
  issuers: [{ issuer: issuerOf(), keySet: keySetOf(jwksOf(es256.jwk, rs256.jwk, ps256.jwk)) }],
  now: () => NOW,
  cacheSize: 10,
})
const accepts = async (token: string) => (await authenticate(`Bearer ${token}`)).ok

const base64url = (content: string | Uint8Array) => Buffer.from(content).toString('base64url')
const SIGNERS = [
  { alg: 'ES256', signer: es256 },
  { alg: 'RS256', signer: rs256 },
  { alg: 'PS256', signer: ps256 },
]
const signed = await Promise.all(
  SIGNERS.map(async ({ alg, signer }) => ({
    alg,
    token: await sign(signer, { alg, typ: 'at+jwt', kid: signer.jwk.kid }, CLAIMS),
    key: JSON.stringify(signer.jwk),
  })),
)

describe.each(signed)('$alg', ({ alg, token, key }) => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const changed = (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`
  const recoded = (part: string, change: object) =>
    base64url(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...change }))

  test('acceptsValid', async () => {
    expect(await accepts(token)).toBe(true)
  })

  test.each<{ name: string; token: string }>([
    { name: 'rejectsModifiedSignature', token: `${header}.${payload}.${changed(signature)}` },
    { name: 'rejectsMissingSignature', token: `${header}.${payload}.` },
    { name: 'rejectsMissingSignatureAndSeparator', token: `${header}.${payload}` },
    { name: 'rejectsModifiedPayload', token: `${header}.${recoded(payload, { roles: ['admin'] })}.${signature}` },
    { name: 'rejectsMissingPayload', token: `${header}..${signature}` },
    { name: 'rejectsMissingPayloadAndSeparator', token: `${header}.${signature}` },
    { name: 'rejectsModifiedHeader', token: `${recoded(header, { x: 1 })}.${payload}.${signature}` },
    { name: 'rejectsMissingHeader', token: `.${payload}.${signature}` },
    { name: 'rejectsMissingHeaderAndSeparator', token: `${payload}.${signature}` },
    { name: 'rejectsMissingHeaderAndSignature', token: `.${payload}.` },
    { name: 'rejectsMissingHeaderSignatureAndSeparators', token: payload },
    { name: 'rejectsEmptyString', token: '' },
    { name: 'rejectsExtraEmptyComponent', token: `${token}.` },
    { name: 'rejectsExtraComponent', token: `${token}.foo` },
    { name: 'rejectsNoneAlgorithmAndMissingSignature', token: `${recoded(header, { alg: 'none' })}.${payload}.` },
    { name: 'AlgIsNone with the signature', token: `${recoded(header, { alg: 'none' })}.${payload}.${signature}` },
    {
      name: 'rejectsValidJsonSerialization',
      token: JSON.stringify({ payload, signatures: [{ protected: header, header: { unknown: 'x' }, signature }] }),
    },
    { name: 'flattened JsonSerialization', token: JSON.stringify({ payload, protected: header, signature }) },
    ...['HS256', 'HS384', 'HS512'].map((hmac) => {
      const input = `${recoded(header, { alg: hmac })}.${payload}`
      const mac = createHmac(hmac.replace('HS', 'sha'), key).update(input).digest('base64url')
      return { name: `rejectsSymmetryConfusionAttacks, ${hmac}`, token: `${input}.${mac}` }
    }),
    ...['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA']
      .filter((other) => other !== alg)
      .map((other) => ({
        name: `WrongPrimitive, ${other}`,
        token: `${recoded(header, { alg: other })}.${payload}.${signature}`,
      })),
  ])('$name', async ({ token }) => {
    expect(await accepts(token)).toBe(false)
  })
})

test('rejectsAttackerProvidedEmbeddedJwk', async () => {
  expect(await accepts(await sign(attacker, { ...HEADER, jwk: attacker.jwk }))).toBe(false)
})

describe('ModifiedPadding of RSA', () => {
  const [header = '', payload = '', signature = ''] = signed[1]?.token.split('.') ?? []
  const bytes = Buffer.from(signature, 'base64url')
  test.each<{ name: string; bytes: Uint8Array }>([
    { name: 'a zero before', bytes: Buffer.concat([Buffer.alloc(1), bytes]) },
    { name: 'a zero after', bytes: Buffer.concat([bytes, Buffer.alloc(1)]) },
    { name: 'one byte less', bytes: bytes.subarray(1) },
    { name: 'zero', bytes: Buffer.alloc(256) },
    { name: 'one', bytes: Buffer.concat([Buffer.alloc(255), Buffer.from([1])]) },
    { name: 'the modulus', bytes: Buffer.from(String(rs256.jwk.n), 'base64url') },
    { name: 'all ones', bytes: Buffer.alloc(256, 0xff) },
  ])('$name', async ({ bytes }) => {
    expect(await accepts(`${header}.${payload}.${base64url(bytes)}`)).toBe(false)
  })
})

describe('SpecialCaseEs256', () => {
  const [header = '', payload = ''] = signed[0]?.token.split('.') ?? []
  const N = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const P = BigInt('0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff')
  const VALUES = { 0: 0n, 1: 1n, 'n-1': N - 1n, n: N, 'n+1': N + 1n, p: P, 'p-n': P - N, max: 2n ** 256n - 1n }
  const pairs = Object.entries(VALUES).flatMap(([r, rValue]) =>
    Object.entries(VALUES).map(([s, sValue]) => ({ r, s, rValue, sValue })),
  )
  const hex = (value: bigint) => value.toString(16).padStart(64, '0')
  test.each(pairs)('r = $r, s = $s', async ({ rValue, sValue }) => {
    const signature = Buffer.from(hex(rValue) + hex(sValue), 'hex')
    expect(await accepts(`${header}.${payload}.${base64url(signature)}`)).toBe(false)
  })
})
