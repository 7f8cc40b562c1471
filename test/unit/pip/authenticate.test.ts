import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { ok } from '../../../src/lib/result.ts'
import { createAuthenticate } from '../../../src/pip/authenticate.ts'
import type { Issuer } from '../../../src/pip/issuer.ts'
import { createKeySet } from '../../../src/pip/key-set.ts'
import {
  AUDIENCE,
  CLAIMS,
  createSigner,
  createTestSource,
  HEADER,
  ISSUER,
  issuerOf,
  jwksOf,
  keySetOf,
  NOW,
  SECONDS,
  type Signer,
  sign,
} from './signing.ts'

const es256 = await createSigner()
const rs256 = await createSigner('RS256', 'rsa')
const stranger = await createSigner()

function authenticator(changes: { issuer?: Partial<Issuer>; now?: () => number; jwks?: string } = {}) {
  const now = changes.now ?? (() => NOW)
  return createAuthenticate({
    issuers: [
      { issuer: issuerOf(changes.issuer), keySet: keySetOf(changes.jwks ?? jwksOf(es256.jwk, rs256.jwk), now) },
    ],
    now,
    cacheSize: 100,
  })
}

const invalid = (cause: string) => ({ ok: false, error: { code: 'token_invalid', cause } })
const malformed = { ok: false, error: { code: 'authorization_malformed' } }
const missing = { ok: false, error: { code: 'token_missing' } }
const alice = {
  ok: true,
  value: {
    type: 'user',
    id: 'alice',
    properties: {
      issuer: ISSUER,
      home: true,
      tenant: '',
      actors: [],
      client_id: 'cli',
      roles: ['user'],
      scopes: ['mcp:read'],
      claims: {},
    },
  },
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const good = await sign(es256)
const [head = '', body = '', signature = ''] = good.split('.')
const spki = Buffer.from(await crypto.subtle.exportKey('spki', await importPublic(rs256)))
const pem = `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END PUBLIC KEY-----\n`

async function importPublic(signer: Signer) {
  return crypto.subtle.importKey('jwk', signer.jwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify'])
}

function hmacToken(secret: string | Buffer): string {
  const input = `${encode({ ...HEADER, alg: 'HS256', kid: 'rsa' })}.${encode(CLAIMS)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('the Authorization header', () => {
  test.each<{ name: string; header: string | undefined; expected: unknown }>([
    { name: 'is absent', header: undefined, expected: missing },
    { name: 'is empty', header: '', expected: missing },
    { name: 'has another scheme', header: 'Basic YTpi', expected: missing },
    { name: 'has a scheme that only begins so', header: `Bearerx ${good}`, expected: missing },
    { name: 'has the scheme alone', header: 'Bearer', expected: malformed },
    { name: 'has two tokens', header: `Bearer ${good} ${good}`, expected: malformed },
    { name: 'was sent twice', header: `Bearer ${good}, Bearer ${good}`, expected: malformed },
    { name: 'was sent twice, first of another kind', header: `Basic YTpi, Bearer ${good}`, expected: malformed },
    { name: 'was sent twice, of another kind both times', header: 'Basic YTpi, Basic YTpi', expected: missing },
    { name: 'is a list in one word', header: `Bearer ${good},Bearer`, expected: malformed },
    { name: 'is a proof of possession', header: `DPoP ${good}`, expected: missing },
    { name: 'ends in a comma', header: `Bearer ${good},`, expected: invalid('not_a_compact_jws') },
    { name: 'is good', header: `Bearer ${good}`, expected: alice },
    { name: 'has a lower-case scheme', header: `bearer ${good}`, expected: alice },
  ])('$name', async ({ header, expected }) => {
    expect(await authenticator()(header)).toEqual(expected)
  })
})

describe('the form of a token', () => {
  const last = signature.slice(-1)
  const sloppy = { A: 'B', Q: 'R', g: 'h', w: 'x' }[last] ?? ''
  test.each<{ name: string; token: string; cause: string }>([
    { name: 'B-020 one part', token: head, cause: 'not_a_compact_jws' },
    { name: 'B-020 two parts', token: `${head}.${body}`, cause: 'not_a_compact_jws' },
    { name: 'B-020 four parts', token: `${good}.AA`, cause: 'not_a_compact_jws' },
    { name: 'B-020 six parts', token: `${good}.AA.AA.AA`, cause: 'not_a_compact_jws' },
    {
      name: 'B-020 JSON serialisation',
      token: JSON.stringify({ protected: head, payload: body, signature }),
      cause: 'not_a_compact_jws',
    },
    { name: 'B-019 five parts of a JWE', token: `${head}.AA.AA.AA.AA`, cause: 'not_a_compact_jws' },
    { name: 'padding', token: `${head}.${body}.${signature}==`, cause: 'not_a_compact_jws' },
    { name: 'a tab inside', token: `${head}.${body}\t.${signature}`, cause: 'not_a_compact_jws' },
    { name: 'a line feed inside', token: `${head}.${body}.${signature}\n.`, cause: 'not_a_compact_jws' },
    { name: 'another alphabet', token: `${head}.${body}.+/${signature.slice(2)}`, cause: 'not_a_compact_jws' },
    { name: 'bits beyond the last byte', token: `${good.slice(0, -1)}${sloppy}`, cause: 'not_a_compact_jws' },
    { name: 'an empty signature', token: `${head}.${body}.`, cause: 'not_a_compact_jws' },
    { name: 'more than 16 KiB', token: `${good}${'A'.repeat(16_384)}`, cause: 'token_too_large' },
    { name: 'a header that is no object', token: `${encode([1])}.${body}.${signature}`, cause: 'malformed_json' },
    { name: 'a payload that is no object', token: `${head}.${encode('x')}.${signature}`, cause: 'malformed_json' },
    {
      name: 'a payload that is no UTF-8',
      token: `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${signature}`,
      cause: 'malformed_json',
    },
  ])('$name', async ({ token, cause }) => {
    expect(await authenticator()(`Bearer ${token}`)).toEqual(invalid(cause))
  })
})

describe('algorithms and keys', () => {
  const none = (alg: string) => ({ name: `B-006 alg ${alg}`, token: `${encode({ ...HEADER, alg })}.${body}.AA` })
  test.each([none('none'), none('None'), none('NONE'), none('nOnE')])('$name', async ({ token }) => {
    expect(await authenticator()(`Bearer ${token}`)).toEqual(invalid('algorithm_not_allowed'))
  })

  test.each<{ name: string; secret: string | Buffer }>([
    { name: 'PEM', secret: pem },
    { name: 'DER', secret: spki },
    { name: 'JWK', secret: JSON.stringify(rs256.jwk) },
  ])('B-007 HS256 with the public key as $name', async ({ secret }) => {
    expect(await authenticator()(`Bearer ${hmacToken(secret)}`)).toEqual(invalid('algorithm_not_allowed'))
  })

  test('B-014 an oct key in the key set', async () => {
    const secret = 'sixteen bytes or more of secret!'
    const jwks = jwksOf(es256.jwk, {
      kty: 'oct',
      kid: 'rsa',
      alg: 'HS256',
      k: Buffer.from(secret).toString('base64url'),
    })
    expect(await authenticator({ jwks })(`Bearer ${hmacToken(secret)}`)).toEqual(invalid('algorithm_not_allowed'))
  })

  test.each<{ name: string; header: object }>([
    { name: 'B-009 jwk', header: { ...HEADER, jwk: stranger.jwk } },
    { name: 'B-010 jku', header: { ...HEADER, jku: 'http://127.0.0.1:9/evil' } },
    { name: 'B-010 x5u', header: { ...HEADER, x5u: 'http://127.0.0.1:9/evil' } },
    { name: 'B-010 x5c', header: { ...HEADER, x5c: ['AAAA'] } },
  ])('$name of a stranger is not looked at', async ({ header }) => {
    expect(await authenticator()(`Bearer ${await sign(stranger, header)}`)).toEqual(invalid('signature_invalid'))
  })

  test('B-010 a token with jku, signed by the right key, needs no fetch', async () => {
    const token = await sign(es256, { ...HEADER, jku: 'http://127.0.0.1:9/evil' })
    expect(await authenticator()(`Bearer ${token}`)).toEqual(alice)
  })

  const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
  test.each<{ name: string; bytes: Buffer }>([
    { name: 'r and s of zero', bytes: Buffer.alloc(64) },
    { name: 'r of zero', bytes: Buffer.concat([Buffer.alloc(32), Buffer.from(ORDER, 'hex')]) },
    { name: 'r and s of the order', bytes: Buffer.from(ORDER + ORDER, 'hex') },
    { name: 'one byte too long', bytes: Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.alloc(1)]) },
    { name: 'one byte too short', bytes: Buffer.from(signature, 'base64url').subarray(0, 63) },
    { name: 'a DER signature', bytes: Buffer.concat([Buffer.from('30440220', 'hex'), Buffer.alloc(66, 1)]) },
  ])('B-021 ECDSA: $name', async ({ bytes }) => {
    const token = `${head}.${body}.${bytes.toString('base64url')}`
    expect(await authenticator()(`Bearer ${token}`)).toEqual(invalid('signature_invalid'))
  })

  test('B-024 a key for RS256 verifies no PS256', async () => {
    const token = await sign(rs256, { ...HEADER, alg: 'PS256', kid: 'rsa' })
    expect(await authenticator()(`Bearer ${token}`)).toEqual(invalid('key_unknown'))
  })

  test.each(['RS256', 'PS256', 'EdDSA', 'Ed25519'])('%s is accepted', async (alg) => {
    const signer = await createSigner(alg)
    const authenticate = authenticator({ jwks: jwksOf(signer.jwk) })
    expect(await authenticate(`Bearer ${await sign(signer, { ...HEADER, alg })}`)).toEqual(alice)
  })

  test('an algorithm that the issuer does not use is refused', async () => {
    const token = await sign(rs256, { ...HEADER, alg: 'RS256', kid: 'rsa' })
    const authenticate = authenticator({ issuer: { algorithms: ['ES256'] } })
    expect(await authenticate(`Bearer ${token}`)).toEqual(invalid('algorithm_not_allowed'))
  })

  test('a token of a key that is not in the set', async () => {
    const token = await sign(stranger, { ...HEADER, kid: 'other' })
    expect(await authenticator()(`Bearer ${token}`)).toEqual(invalid('key_unknown'))
  })

  test('a source that cannot be read', async () => {
    const keySet = createKeySet({ source: createTestSource({ ok: false, error: 'down' }).source, now: () => NOW })
    const authenticate = createAuthenticate({
      issuers: [{ issuer: issuerOf(), keySet }],
      now: () => NOW,
      cacheSize: 10,
    })
    expect(await authenticate(`Bearer ${good}`)).toEqual(invalid('keys_unavailable'))
  })
})

describe('the header of a token', () => {
  test.each<{ name: string; header: object | string; types?: Issuer['token_types']; expected: unknown }>([
    { name: 'B-017 an unknown crit', header: { ...HEADER, crit: ['x'], x: 1 }, expected: invalid('critical_header') },
    { name: 'B-017 an empty crit', header: { ...HEADER, crit: [] }, expected: invalid('critical_header') },
    { name: 'B-034 an ID token', header: { ...HEADER, typ: 'JWT' }, expected: invalid('type_not_allowed') },
    { name: 'B-034 no type', header: { alg: 'ES256', kid: 'k1' }, expected: invalid('type_not_allowed') },
    { name: 'a type that is a number', header: { ...HEADER, typ: 5 }, expected: invalid('type_not_allowed') },
    { name: 'the long form of the type', header: { ...HEADER, typ: 'application/AT+JWT' }, expected: alice },
    { name: 'JWT where configured', header: { ...HEADER, typ: 'JWT' }, types: ['JWT'], expected: alice },
    { name: 'no type where configured', header: { alg: 'ES256', kid: 'k1' }, types: ['none'], expected: alice },
    { name: 'at+jwt where only JWT is', header: HEADER, types: ['JWT'], expected: invalid('type_not_allowed') },
    {
      name: 'B-036 alg twice',
      header: '{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"}',
      expected: invalid('malformed_json'),
    },
    { name: 'alg as a list', header: { ...HEADER, alg: ['ES256'] }, expected: invalid('algorithm_not_allowed') },
    { name: 'kid as an object', header: { ...HEADER, kid: {} }, expected: invalid('key_unknown') },
  ])('$name', async ({ header, types, expected }) => {
    const authenticate = authenticator(types === undefined ? {} : { issuer: { token_types: types } })
    expect(await authenticate(`Bearer ${await sign(es256, header)}`)).toEqual(expected)
  })
})

const raw = (exp: string): string => JSON.stringify({ ...CLAIMS, exp: 0 }).replace('"exp":0', `"exp":${exp}`)
const without = (...names: readonly string[]) =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => !names.includes(name)))

describe('the claims of a token', () => {
  const at = (exp: number) => ({ ...CLAIMS, exp })
  test.each<{ name: string; claims: object | string; expected: unknown }>([
    { name: 'B-025 expired just beyond the skew', claims: at(SECONDS - 31), expected: invalid('expired') },
    { name: 'B-025 expired at the skew', claims: at(SECONDS - 30), expected: invalid('expired') },
    { name: 'B-025 expired just within the skew', claims: at(SECONDS - 29), expected: alice },
    { name: 'B-025 expiring now', claims: at(SECONDS), expected: alice },
    { name: 'B-027 exp as a string', claims: raw('"1"'), expected: invalid('malformed_claims') },
    { name: 'B-027 exp 1e400', claims: raw('1e400'), expected: invalid('malformed_json') },
    { name: 'B-027 exp 9e15', claims: raw('9e15'), expected: invalid('malformed_claims') },
    { name: 'B-027 exp -1', claims: raw('-1'), expected: invalid('expired') },
    { name: 'B-027 exp with a fraction', claims: at(SECONDS + 1.5), expected: invalid('malformed_claims') },
    { name: 'B-027 exp absent', claims: without('exp'), expected: invalid('malformed_claims') },
    { name: 'a life of one day', claims: at(CLAIMS.iat + 86_400), expected: alice },
    { name: 'B-027 a life of over one day', claims: at(CLAIMS.iat + 86_401), expected: invalid('lifetime_too_long') },
    {
      name: 'B-027 a long life without iat',
      claims: { ...without('iat'), exp: SECONDS + 86_401 },
      expected: invalid('lifetime_too_long'),
    },
    { name: 'no iat', claims: without('iat'), expected: alice },
    { name: 'B-028 nbf ahead', claims: { ...CLAIMS, nbf: SECONDS + 300 }, expected: invalid('not_yet_valid') },
    { name: 'nbf within the skew', claims: { ...CLAIMS, nbf: SECONDS + 30 }, expected: alice },
    { name: 'nbf as a string', claims: { ...CLAIMS, nbf: '1' }, expected: invalid('malformed_claims') },
    { name: 'iat within the skew', claims: { ...CLAIMS, iat: SECONDS + 30 }, expected: alice },
    {
      name: 'B-028 iat just beyond the skew',
      claims: { ...CLAIMS, iat: SECONDS + 31 },
      expected: invalid('issued_in_the_future'),
    },
    {
      name: 'B-028 iat ahead',
      claims: { ...CLAIMS, iat: SECONDS + 3000 },
      expected: invalid('issued_in_the_future'),
    },
    {
      name: 'B-031 another audience',
      claims: { ...CLAIMS, aud: 'https://other' },
      expected: invalid('audience_mismatch'),
    },
    { name: 'B-031 no audience', claims: without('aud'), expected: invalid('audience_mismatch') },
    { name: 'B-031 an audience object', claims: { ...CLAIMS, aud: {} }, expected: invalid('audience_mismatch') },
    {
      name: 'B-032 an audience that ours begins with',
      claims: { ...CLAIMS, aud: `${AUDIENCE}/x` },
      expected: invalid('audience_mismatch'),
    },
    {
      name: 'B-032 an audience list with ours',
      claims: { ...CLAIMS, aud: ['https://other', AUDIENCE] },
      expected: alice,
    },
    {
      name: 'an audience list with an object',
      claims: { ...CLAIMS, aud: [AUDIENCE, {}] },
      expected: invalid('malformed_claims'),
    },
    { name: 'B-035 sub absent', claims: without('sub'), expected: invalid('malformed_claims') },
    { name: 'B-035 sub a number', claims: { ...CLAIMS, sub: 5 }, expected: invalid('malformed_claims') },
    { name: 'B-035 sub an object', claims: { ...CLAIMS, sub: {} }, expected: invalid('malformed_claims') },
    { name: 'B-035 sub empty', claims: { ...CLAIMS, sub: '' }, expected: invalid('malformed_claims') },
    { name: 'B-035 sub __proto__', claims: { ...CLAIMS, sub: '__proto__' }, expected: invalid('malformed_claims') },
    {
      name: 'B-035 sub of 10 KB',
      claims: { ...CLAIMS, sub: 'a'.repeat(10_000) },
      expected: invalid('malformed_claims'),
    },
    { name: 'B-035 sub with a line feed', claims: { ...CLAIMS, sub: 'a\nb' }, expected: invalid('malformed_claims') },
    { name: 'sub turning the text', claims: { ...CLAIMS, sub: 'a\u202Eb' }, expected: invalid('malformed_claims') },
    {
      name: 'sub with a lone surrogate',
      claims: JSON.stringify({ ...CLAIMS, sub: 'x' }).replace('"x"', '"\\ud800"'),
      expected: invalid('malformed_json'),
    },
    {
      name: 'B-036 a role twice',
      claims: JSON.stringify(CLAIMS).replace('"roles":["user"]', '"roles":["user"],"roles":["admin"]'),
      expected: invalid('malformed_json'),
    },
    { name: 'jti as a number', claims: { ...CLAIMS, jti: 1 }, expected: invalid('malformed_claims') },
    { name: 'an unknown issuer', claims: { ...CLAIMS, iss: 'https://other' }, expected: invalid('issuer_unknown') },
    { name: 'an issuer as a list', claims: { ...CLAIMS, iss: [ISSUER] }, expected: invalid('malformed_claims') },
    { name: 'no issuer', claims: without('iss'), expected: invalid('issuer_unknown') },
    {
      name: 'an issuer named like a method',
      claims: { ...CLAIMS, iss: 'toString' },
      expected: invalid('issuer_unknown'),
    },
  ])('$name', async ({ claims, expected }) => {
    expect(await authenticator()(`Bearer ${await sign(es256, HEADER, claims)}`)).toEqual(expected)
  })
})

describe('several issuers', () => {
  test('B-030 the keys are those of the issuer the token names, not of the kid', async () => {
    const other = { ...issuerOf({ issuer: 'https://other.example', home: false }) }
    const authenticate = createAuthenticate({
      issuers: [
        { issuer: issuerOf(), keySet: keySetOf(jwksOf(es256.jwk)) },
        { issuer: other, keySet: keySetOf(jwksOf(stranger.jwk)) },
      ],
      now: () => NOW,
      cacheSize: 100,
    })
    expect(await authenticate(`Bearer ${await sign(stranger)}`)).toEqual(invalid('signature_invalid'))
    const theirs = await sign(stranger, HEADER, { ...CLAIMS, iss: 'https://other.example' })
    expect(await authenticate(`Bearer ${theirs}`)).toMatchObject({
      ok: true,
      value: { id: 'alice', properties: { issuer: 'https://other.example', home: false } },
    })
  })
})

describe('a remembered token', () => {
  function remembering() {
    const clock = { now: NOW }
    const { source, state } = createTestSource(ok(jwksOf(es256.jwk)))
    const revoked = { value: false as boolean | 'unknown', asked: 0 }
    const authenticate = createAuthenticate({
      issuers: [{ issuer: issuerOf(), keySet: createKeySet({ source, now: () => clock.now }) }],
      revocations: {
        isRevoked: () => {
          revoked.asked++
          return Promise.resolve(revoked.value)
        },
        health: () => ({ ready: true, entries: 0, error: null }),
      },
      now: () => clock.now,
      cacheSize: 100,
    })
    return { clock, keys: state, revoked, authenticate }
  }

  test('B-055 ends with its exp', async () => {
    const { clock, authenticate } = remembering()
    expect(await authenticate(`Bearer ${good}`)).toEqual(alice)
    clock.now = (CLAIMS.exp + 29) * 1000
    expect(await authenticate(`Bearer ${good}`)).toEqual(alice)
    clock.now = (CLAIMS.exp + 30) * 1000
    expect(await authenticate(`Bearer ${good}`)).toEqual(invalid('expired'))
  })

  test('is asked for revocation each time', async () => {
    const { revoked, authenticate } = remembering()
    await authenticate(`Bearer ${good}`)
    revoked.value = true
    expect(await authenticate(`Bearer ${good}`)).toEqual(invalid('revoked'))
    expect(revoked.asked).toBe(2)
  })

  test('B-049 is refused when nobody can say whether it was revoked', async () => {
    const { revoked, authenticate } = remembering()
    await authenticate(`Bearer ${good}`)
    revoked.value = 'unknown'
    expect(await authenticate(`Bearer ${good}`)).toEqual(invalid('revocations_unavailable'))
  })

  test('B-041 B-055 ends with its key', async () => {
    const { clock, keys, authenticate } = remembering()
    expect(await authenticate(`Bearer ${good}`)).toEqual(alice)
    keys.answer = ok(jwksOf(stranger.jwk))
    clock.now = NOW + 600_000
    expect(await authenticate(`Bearer ${good}`)).toEqual(invalid('signature_invalid'))
  })

  test('B-055 is not mistaken for one that begins or ends alike', async () => {
    const { authenticate } = remembering()
    await authenticate(`Bearer ${good}`)
    const forged = `${head}.${encode({ ...CLAIMS, sub: 'root' })}.${signature}`
    expect(await authenticate(`Bearer ${forged}`)).toEqual(invalid('signature_invalid'))
  })

  test('is returned as the same subject, without a second verification', async () => {
    const { authenticate } = remembering()
    const [first, second] = await Promise.all([authenticate(`Bearer ${good}`), authenticate(`Bearer ${good}`)])
    const third = await authenticate(`Bearer ${good}`)
    expect(first.ok && second.ok && third.ok && first.value === second.value && second.value === third.value).toBe(true)
  })
})

test('no refusal holds any part of the token', async () => {
  const forged = await sign(stranger, HEADER, { ...CLAIMS, sub: 'canary' })
  const text = JSON.stringify(await authenticator()(`Bearer ${forged}`))
  expect(
    forged
      .split('.')
      .concat('canary')
      .filter((part) => text.includes(part)),
  ).toEqual([])
})

describe('the use of a token', () => {
  test.each<{ name: string; claims: object | string; types?: Issuer['token_types']; typ?: string; expected: unknown }>([
    {
      name: 'an ID-JAG',
      claims: CLAIMS,
      typ: 'oauth-id-jag+jwt',
      types: ['at+jwt', 'JWT', 'none'],
      expected: invalid('type_not_allowed'),
    },
    {
      name: 'B-034 an ID token where JWT is accepted',
      claims: { ...CLAIMS, nonce: 'n', at_hash: 'h' },
      typ: 'JWT',
      types: ['JWT'],
      expected: invalid('not_an_access_token'),
    },
    { name: 'a token bound to a key', claims: { ...CLAIMS, cnf: { jkt: 'x' } }, expected: invalid('bound_to_a_key') },
    { name: 'a chain of nobody', claims: { ...CLAIMS, act: {} }, expected: invalid('malformed_actors') },
    {
      name: 'a chain deeper than any token is',
      claims: `${JSON.stringify(CLAIMS).slice(0, -1)},"act":${'{"sub":"a","act":'.repeat(40)}null${'}'.repeat(41)}`,
      expected: invalid('malformed_json'),
    },
    {
      name: 'an agent for alice',
      claims: { ...CLAIMS, act: { sub: 'agent-7' }, may_act: { sub: 'somebody else' } },
      expected: {
        ...alice,
        value: {
          ...alice.value,
          properties: { ...alice.value.properties, actors: [{ id: 'agent-7', issuer: ISSUER }] },
        },
      },
    },
  ])('$name', async ({ claims, types = ['at+jwt'], typ = 'at+jwt', expected }) => {
    const authenticate = authenticator({ issuer: { token_types: types } })
    expect(await authenticate(`Bearer ${await sign(es256, { ...HEADER, typ }, claims)}`)).toEqual(expected)
  })
})
