import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import {
  readSigningKey,
  readVerificationKeys,
  type SigningKey,
  type VerificationKey,
} from '../../../../src/pap/bundle/keys.ts'

export type Pair = {
  readonly algorithm: string
  readonly privatePem: string
  readonly publicPem: string
  readonly signing: SigningKey
  readonly verification: readonly VerificationKey[]
}

const pem = (key: KeyObject, type: 'pkcs8' | 'spki'): string => String(key.export({ type, format: 'pem' }))

function pairOf(algorithm: string, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Pair {
  const [privatePem, publicPem] = [pem(privateKey, 'pkcs8'), pem(publicKey, 'spki')]
  const signing = readSigningKey(privatePem, 'private.pem')
  const verification = readVerificationKeys(publicPem, 'public.pem')
  if (!signing.ok || !verification.ok) throw new Error('a new key cannot be read')
  return { algorithm, privatePem, publicPem, signing: signing.value, verification: verification.value }
}

export const createPairs = (): Readonly<Record<'es256' | 'rs256' | 'eddsa', Pair>> => ({
  es256: pairOf('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  rs256: pairOf('RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
  eddsa: pairOf('EdDSA', generateKeyPairSync('ed25519')),
})
