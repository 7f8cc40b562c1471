import { join } from 'node:path'
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from 'jose'
import { err, ok, type Result } from '../lib/result.ts'
import { DEMO_ISSUER } from '../model/demo-issuer.ts'
import { openKey } from './key.ts'
import { replacePrivateFile } from './private-file.ts'
import type { DemoUser } from './users.ts'

export const DEMO_AUDIENCE = 'urn:portcullis:demo:mcp'
const DEMO_CLIENT = 'portcullis-demo'
export const DEFAULT_TTL_SECONDS = 8 * 3600
export const MAX_TTL_SECONDS = 7 * 86_400

export type DemoIssuer = {
  /** File with its public key, as a JSON Web Key Set. */
  readonly jwksFile: string
  /** Its private key, with `kid`, `alg` and `use`. */
  readonly signingKey: JWK
  /** An access token (RFC 9068). `now` in milliseconds. */
  readonly issueToken: (user: DemoUser, ttlSeconds: number, now: number) => Promise<Result<string, string>>
}

/** The authorization server of the demo: a key in the state folder and a signature, without any endpoint. */
export async function openDemoIssuer(stateDir: string, newId: () => string): Promise<Result<DemoIssuer, string>> {
  const opened = await openKey(join(stateDir, 'issuer-key.json'), newId)
  if (!opened.ok) return opened
  const { d: _private, ...publicKey } = opened.value
  const kid = await calculateJwkThumbprint(publicKey)
  const key = await importJWK(opened.value, 'ES256')

  const jwksFile = join(stateDir, 'jwks.json')
  const named = { kid, alg: 'ES256', use: 'sig' }
  await replacePrivateFile(jwksFile, JSON.stringify({ keys: [{ ...publicKey, ...named }] }), newId())

  const issueToken = async (user: DemoUser, ttlSeconds: number, now: number): Promise<Result<string, string>> => {
    if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) {
      return err(`a demo token lives from 1 to ${MAX_TTL_SECONDS} seconds`)
    }
    const issuedAt = Math.floor(now / 1000)
    const token = await new SignJWT({ roles: [...user.roles], scope: user.scope, client_id: DEMO_CLIENT })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .setIssuer(DEMO_ISSUER)
      .setAudience(DEMO_AUDIENCE)
      .setSubject(user.name)
      .setJti(newId())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key)
    return ok(token)
  }
  return ok({ jwksFile, signingKey: { ...opened.value, ...named }, issueToken })
}
