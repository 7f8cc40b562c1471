import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'
import { ok, type Result } from '../../../src/lib/result.ts'
import type { Issuer } from '../../../src/pip/issuer.ts'
import { createKeySet, type KeySet } from '../../../src/pip/key-set.ts'
import type { KeySource } from '../../../src/pip/key-source.ts'

export const NOW = Date.parse('2026-11-22T12:00:00Z')
export const SECONDS = NOW / 1000
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://mcp.example/mcp'

export type Signer = { readonly alg: string; readonly privateKey: CryptoKey; readonly jwk: JWK }

export async function createSigner(alg = 'ES256', kid = 'k1'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export const issuerOf = (changes: Partial<Issuer> = {}): Issuer => ({
  issuer: ISSUER,
  audiences: [AUDIENCE],
  algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'],
  token_types: ['at+jwt'],
  required_claims: [],
  home: true,
  clock_tolerance: 30,
  max_lifetime: 86_400,
  claims: {
    roles: '/roles',
    roles_format: 'array',
    type: { values: {}, default: 'user' },
    keep: [],
  },
  ...changes,
})

/** A source of key sets under the control of a test, which counts how often it is read. */
export function createTestSource(initial: Result<string, string>) {
  const state = { answer: initial, reads: 0 }
  const source: KeySource = {
    read: () => {
      state.reads++
      return Promise.resolve(state.answer)
    },
    refreshAfter: 300_000,
    maxAge: 600_000,
    maxStale: 3_600_000,
    coolDown: 30_000,
  }
  return { source, state }
}

export const jwksOf = (...keys: readonly unknown[]): string => JSON.stringify({ keys })

export const keySetOf = (text: string, now: () => number = () => NOW): KeySet =>
  createKeySet({ source: createTestSource(ok(text)).source, now })

const base64url = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url')

export const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'k1' }
export const CLAIMS = {
  iss: ISSUER,
  sub: 'alice',
  aud: AUDIENCE,
  iat: SECONDS - 60,
  exp: SECONDS + 3600,
  jti: 't1',
  roles: ['user'],
  scope: 'mcp:read',
  client_id: 'cli',
}

const ALGORITHMS: Readonly<Record<string, { name: string; hash?: string; saltLength?: number }>> = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  EdDSA: { name: 'Ed25519' },
  Ed25519: { name: 'Ed25519' },
}

/** Signs anything, also what no library would: header and claims may be objects or raw JSON text. */
export async function sign(signer: Signer, header: object | string = HEADER, claims: object | string = CLAIMS) {
  const text = (part: object | string): string => (typeof part === 'string' ? part : JSON.stringify(part))
  const input = `${base64url(text(header))}.${base64url(text(claims))}`
  const algorithm = ALGORITHMS[signer.alg]
  if (algorithm === undefined) throw new TypeError(`no test signer for ${signer.alg}`)
  const signature = await crypto.subtle.sign(algorithm, signer.privateKey, Buffer.from(input))
  return `${input}.${base64url(new Uint8Array(signature))}`
}
