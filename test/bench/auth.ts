import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { createAuthenticate } from '../../src/pip/authenticate.ts'
import type { Issuer } from '../../src/pip/issuer.ts'
import { createKeySet } from '../../src/pip/key-set.ts'
import type { Revocations } from '../../src/pip/revocation.ts'
import { concurrent, interleave, type Sample } from './sample.ts'
import { micros, table, times } from './table.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://mcp.example/mcp'
const ROUNDS = { rounds: 60, warmUp: 6 }
const BATCH = 100

const issuer: Issuer = {
  issuer: ISSUER,
  audiences: [AUDIENCE],
  algorithms: ['ES256', 'RS256'],
  token_types: ['at+jwt'],
  required_claims: [],
  home: true,
  clock_tolerance: 30,
  max_lifetime: 86_400,
  claims: { roles: '/roles', roles_format: 'array', type: { values: {}, default: 'user' }, keep: [] },
}

async function signerOf(alg: 'ES256' | 'RS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg, use: 'sig' }
  const sign = (claims: JWTPayload) =>
    new SignJWT({ roles: ['user'], scope: 'mcp:read mcp:write', client_id: 'bench', ...claims })
      .setProtectedHeader({ alg, kid: 'bench', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject('bench')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  return { jwk, sign }
}

/** What a check of a token costs, first time and later, against `jwtVerify` of `jose` alone on every request. */
export async function benchAuth(): Promise<string> {
  const rows: string[][] = []
  for (const alg of ['ES256', 'RS256'] as const) {
    const { jwk, sign } = await signerOf(alg)
    const text = JSON.stringify({ keys: [jwk] })
    const source = {
      read: async () => ({ ok: true, value: text }) as const,
      refreshAfter: 300_000,
      maxAge: 600_000,
      maxStale: 3_600_000,
      coolDown: 30_000,
    }
    const clock = { skipped: 0 }
    const now = () => Date.now() + clock.skipped
    const state = { revoked: false }
    const revocations: Revocations = {
      isRevoked: async () => state.revoked,
      health: () => ({ ready: true, entries: 0, error: null }),
    }
    const issuers = [{ issuer, keySet: createKeySet({ source, now }) }]
    const remembering = createAuthenticate({ issuers, revocations, now, cacheSize: 100 })
    const forgetful = createAuthenticate({ issuers, revocations, now, cacheSize: 1 })
    const tokens = await Promise.all(Array.from({ length: 16 }, (_, n) => sign({ jti: String(n) })))
    const keys = createLocalJWKSet({ keys: [jwk] })
    let turn = 0
    const next = () => tokens[turn++ % tokens.length] ?? ''
    const admitted = async (proof: ReturnType<typeof remembering>) => {
      if (!(await proof).ok) throw new Error('a good token was refused')
    }
    const taken = await interleave(
      {
        jose: concurrent(BATCH, 1, () =>
          jwtVerify(next(), keys, { algorithms: [alg], issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' }),
        ),
        cold: concurrent(BATCH, 1, () => admitted(forgetful(`Bearer ${next()}`))),
        cached: concurrent(BATCH, 1, () => admitted(remembering(`Bearer ${next()}`))),
      },
      ROUNDS,
    )
    rows.push(row(alg, taken))

    const first = `Bearer ${tokens[0]}`
    state.revoked = true
    if ((await remembering(first)).ok) throw new Error('a remembered token outlived its revocation')
    state.revoked = false
    await admitted(remembering(first))
    clock.skipped = 3600_000 + 31_000
    if ((await remembering(first)).ok) throw new Error('a remembered token outlived its exp')
  }
  return table(
    'auth: check of a token, µs. jose: jwtVerify of a parsed key set, for every request. Cold: never seen before; cached: seen before, with revocation and expiry asked again (both were seen to end it)',
    ['', 'jose p50', 'cold p50', 'cached p50', 'cached p99', 'cold ÷ jose', 'cached ÷ jose'],
    rows,
  )
}

function row(name: string, { jose, cold, cached }: Readonly<Record<'jose' | 'cold' | 'cached', Sample>>): string[] {
  return [
    name,
    ...[jose.p50, cold.p50, cached.p50, cached.p99].map(micros),
    times(cold.p50 / jose.p50),
    times(cached.p50 / jose.p50),
  ]
}
