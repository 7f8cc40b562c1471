import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { readSigningKey, readVerificationKeys } from '../../../../src/pap/bundle/keys.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const bitcoin = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
const ed = generateKeyPairSync('ed25519')
const x = generateKeyPairSync('x25519')

const spki = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }))
const pkcs8 = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }))
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more })
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

describe('verification keys', () => {
  const read = (text: string) => {
    const keys = readVerificationKeys(text, 'keys')
    return keys.ok ? keys.value.map(({ kid, algorithms }) => ({ kid, algorithms })) : keys.error
  }
  const taken: readonly { name: string; text: string; keys: object }[] = [
    { name: 'an EC key in PEM', text: spki(ec.publicKey), keys: [{ algorithms: ['ES256'] }] },
    {
      name: 'several in PEM',
      text: `rotated:\n${spki(rsa.publicKey)}\n${spki(ed.publicKey)}`,
      keys: [{ algorithms: RSA }, { algorithms: ['EdDSA', 'Ed25519'] }],
    },
    {
      name: 'an RSA key as OPA takes it too',
      text: String(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })),
      keys: [{ algorithms: RSA }],
    },
    {
      name: 'a key set',
      text: JSON.stringify({ keys: [jwk(rsa.publicKey, { kid: 'a', alg: 'PS256' }), jwk(ec.publicKey, { kid: 'b' })] }),
      keys: [
        { kid: 'a', algorithms: ['PS256'] },
        { kid: 'b', algorithms: ['ES256'] },
      ],
    },
    { name: 'one JSON web key', text: JSON.stringify(jwk(ed.publicKey)), keys: [{ algorithms: ['EdDSA', 'Ed25519'] }] },
  ]
  test.each(taken)('$name', ({ text, keys }) => {
    expect(read(text)).toEqual(keys)
  })

  const refused: readonly { name: string; text: string; message: string }[] = [
    { name: 'nothing', text: '', message: 'holds no key' },
    { name: 'no key in the set', text: '{"keys":[]}', message: 'holds no key' },
    { name: 'a private key', text: pkcs8(ec.privateKey), message: 'holds a private key' },
    { name: 'a private key in a set', text: JSON.stringify(jwk(ec.privateKey)), message: 'holds a private key' },
    {
      name: 'a shared secret',
      text: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }),
      message: 'holds a shared secret: whoever can verify with it can sign',
    },
    { name: 'a short RSA key', text: spki(weak.publicKey), message: 'holds an RSA key of 1024 bits' },
    { name: 'another curve', text: spki(bitcoin.publicKey), message: 'holds a key on the curve secp256k1' },
    { name: 'a key that cannot sign', text: spki(x.publicKey), message: 'holds a key of type x25519' },
    {
      name: 'a key for another algorithm',
      text: JSON.stringify(jwk(ec.publicKey, { alg: 'HS256' })),
      message: 'holds a key for HS256, which it cannot be used with',
    },
    { name: 'JSON that is none', text: '{', message: 'not valid JSON' },
  ]
  test.each(refused)('not $name', ({ text, message }) => {
    const remedy =
      'Give public keys as PEM or as a JSON Web Key Set: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519'
    expect(read(text)).toEqual([{ file: 'keys', message, remedy }])
  })
})

describe('a signing key', () => {
  const read = (text: string) => {
    const key = readSigningKey(text, 'key')
    return key.ok ? key.value.algorithm : key.error[0]?.message
  }
  const cases: readonly { name: string; text: string; said: string }[] = [
    { name: 'EC', text: pkcs8(ec.privateKey), said: 'ES256' },
    {
      name: 'EC as openssl writes it',
      text: String(ec.privateKey.export({ type: 'sec1', format: 'pem' })),
      said: 'ES256',
    },
    { name: 'RSA', text: pkcs8(rsa.privateKey), said: 'RS256' },
    { name: 'Ed25519', text: pkcs8(ed.privateKey), said: 'EdDSA' },
    { name: 'short RSA', text: pkcs8(weak.privateKey), said: 'holds an RSA key of 1024 bits' },
    { name: 'no signer', text: pkcs8(x.privateKey), said: 'holds a key of type x25519' },
  ]
  test.each(cases)('$name', ({ text, said }) => {
    expect(read(text)).toBe(said)
  })

  test.each([
    { name: 'a public key', text: spki(ec.publicKey) },
    {
      name: 'an encrypted key',
      text: String(ec.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })),
    },
    { name: 'nothing', text: '' },
  ])('not $name', ({ text }) => {
    expect(read(text)).toMatch(/^holds no private key that can be read \(/)
  })
})
