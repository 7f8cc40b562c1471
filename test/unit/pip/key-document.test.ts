import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair } from 'jose'
import { readKeyDocument } from '../../../src/pip/key-document.ts'
import { createSigner, HEADER, jwksOf } from './signing.ts'

const good = (await createSigner('ES256', 'good')).jwk
const rsa = (await createSigner('RS256', 'rsa')).jwk
const p384 = await exportJWK((await generateKeyPair('ES384')).publicKey)
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const private_ = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
const even = Buffer.from(String(rsa.n), 'base64url')
even.writeUInt8(even.readUInt8(even.length - 1) & 0xfe, even.length - 1)

describe('a key that is left out', () => {
  test.each<{ name: string; key: unknown; fault: string }>([
    {
      name: 'B-013 B-014 symmetric',
      key: { kty: 'oct', k: 'AAAA' },
      fault: 'its type is not EC, RSA or OKP; symmetric keys are never accepted',
    },
    {
      name: 'a type named like a method',
      key: { kty: 'toString' },
      fault: 'its type is not EC, RSA or OKP; symmetric keys are never accepted',
    },
    { name: 'no object', key: 'x', fault: 'it is not an object' },
    { name: 'private', key: private_, fault: 'it is a private key; publish public keys only and replace this one' },
    { name: 'for encryption', key: { ...good, use: 'enc' }, fault: 'it is not for signatures' },
    { name: 'another curve', key: p384, fault: 'its curve is not P-256' },
    { name: 'a point off the curve', key: { ...good, x: good.y, y: good.x }, fault: 'it is malformed' },
    { name: 'half a point', key: { kty: 'EC', crv: 'P-256', x: good.x }, fault: 'it is malformed' },
    { name: 'B-015 RSA of 1024 bits', key: small, fault: 'its modulus has 1024 bits; 2048 to 8192 are accepted' },
    { name: 'B-015 RSA exponent 1', key: { ...rsa, e: 'AQ' }, fault: 'it is weak' },
    { name: 'B-015 RSA exponent 2', key: { ...rsa, e: 'Ag' }, fault: 'it is weak' },
    { name: 'B-015 RSA even modulus', key: { ...rsa, n: even.toString('base64url') }, fault: 'it is weak' },
    { name: 'B-015 RSA modulus as a number', key: { ...rsa, n: 5 }, fault: 'it is malformed' },
    { name: 'B-015 RSA without exponent', key: { kty: 'RSA', n: rsa.n }, fault: 'it is malformed' },
  ])('$name', async ({ key, fault }) => {
    const read = await readKeyDocument(jwksOf(good, key))
    expect(read.ok && { count: read.value.count, ignored: read.value.ignored }).toEqual({
      count: 1,
      ignored: [`keys[1]: ${fault}`],
    })
  })

  test('B-013 both of two keys with one kid', async () => {
    const twin = (await createSigner('ES256', 'good')).jwk
    expect(await readKeyDocument(jwksOf(good, twin))).toEqual({
      ok: false,
      error: 'the key set holds no usable key; keys[0]: its kid is not unique; keys[1]: its kid is not unique',
    })
  })
})

describe('a document that is refused', () => {
  test.each<{ name: string; text: string; error: string }>([
    { name: 'not JSON', text: '<html>', error: 'the key set is malformed: not valid JSON' },
    {
      name: 'a key twice',
      text: '{"keys":[],"keys":[]}',
      error: 'the key set is malformed: a key stands twice in one object',
    },
    { name: 'no keys', text: '{"keys":{}}', error: 'the key set has no array "keys"' },
    { name: 'an array', text: '[]', error: 'the key set has no array "keys"' },
    { name: 'none left', text: jwksOf(), error: 'the key set holds no usable key' },
    { name: 'very many', text: jwksOf(...Array(101).fill(good)), error: 'the key set holds more than 100 keys' },
  ])('$name', async ({ text, error }) => {
    expect(await readKeyDocument(text)).toEqual({ ok: false, error })
  })
})

describe('the key for a header', () => {
  test.each<{ name: string; header: Record<string, unknown>; found: boolean }>([
    { name: 'by kid', header: { ...HEADER, kid: 'good' }, found: true },
    { name: 'without kid, when only one fits', header: { alg: 'ES256' }, found: true },
    { name: 'by another kid', header: { ...HEADER, kid: 'none' }, found: false },
    { name: 'for another algorithm', header: { alg: 'PS256', kid: 'rsa' }, found: false },
    { name: 'for HS256', header: { alg: 'HS256', kid: 'good' }, found: false },
    { name: 'for nothing', header: {}, found: false },
  ])('$name', async ({ header, found }) => {
    const read = await readKeyDocument(jwksOf(good, rsa))
    if (!read.ok) throw new Error(read.error)
    expect((await read.value.find(header)) !== undefined).toBe(found)
  })
})
