import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createAuthenticate } from '../../src/pip/authenticate.ts'
import { createReadDocument } from '../../src/pip/key-fetch.ts'
import { createKeySet } from '../../src/pip/key-set.ts'
import { createUrlKeySource } from '../../src/pip/key-source.ts'
import { millis, table } from './table.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'https://mcp.example/mcp'
const SUBJECTS = 200
const IN_FLIGHT = 64
const ROTATIONS = 20
const REQUESTS = 2000

/**
 * Keys that are rotated as authorization servers do it, the new one beside the old one first, while requests go
 * on. The clock that the product reads is moved by a minute between rotations; the requests and the keys, over
 * loopback, take the time they take.
 */
export async function benchRotating(): Promise<string> {
  const served = { keys: [] as object[], reads: 0 }
  const server = createServer((_, response) => {
    served.reads++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: served.keys }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = { skipped: 0 }
  const now = () => Date.now() + clock.skipped
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const source = createUrlKeySource({ url, readDocument: createReadDocument(fetch), maxStale: 3_600_000 })
  const authenticate = createAuthenticate({
    issuers: [
      {
        issuer: {
          issuer: ISSUER,
          audiences: [AUDIENCE],
          algorithms: ['ES256'],
          token_types: ['at+jwt'],
          required_claims: [],
          home: true,
          clock_tolerance: 30,
          max_lifetime: 86_400,
          claims: { roles: '/roles', roles_format: 'array', type: { values: {}, default: 'user' }, keep: [] },
        },
        keySet: createKeySet({ source, now }),
      },
    ],
    now,
    cacheSize: 10_000,
  })
  const causes = new Map<string, number>()
  const taken: number[] = []
  let previous: readonly string[] = []
  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    const { jwk, tokens } = await rotate(rotation)
    served.keys = [jwk, ...served.keys].slice(0, 2)
    const good = [...tokens, ...previous]
    await load(good, async (token) => {
      const started = performance.now()
      const proof = await authenticate(`Bearer ${token}`)
      taken.push(performance.now() - started)
      if (proof.ok) return
      const cause = 'cause' in proof.error ? proof.error.cause : proof.error.code
      causes.set(cause, (causes.get(cause) ?? 0) + 1)
    })
    previous = tokens
    clock.skipped += 60_000
  }
  server.close()
  server.closeAllConnections()
  const refused = [...causes.values()].reduce((sum, count) => sum + count, 0)
  const sorted = Float64Array.from(taken).sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  const figures = [String(ROTATIONS), String(taken.length), String(refused), String(served.reads)]
  return table(
    `rotate: ${IN_FLIGHT} requests at a time with tokens of the new key and of the one before${[...causes].map(([cause, count]) => `; ${cause}: ${count}`).join('')}`,
    ['', 'rotations', 'good requests', 'refused', 'key set read', 'p50 ms', 'p99 ms', 'longest ms'],
    [['one issuer', ...figures, millis(at(0.5)), millis(at(0.99)), millis(at(1))]],
  )
}

async function rotate(rotation: number) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const kid = `k${rotation}`
  const tokens = await Promise.all(
    Array.from({ length: SUBJECTS }, (_, n) =>
      new SignJWT({ roles: ['user'] })
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(`s${n}`)
        .setIssuedAt()
        .setExpirationTime('8h')
        .sign(privateKey),
    ),
  )
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }, tokens }
}

async function load(tokens: readonly string[], ask: (token: string) => Promise<void>): Promise<void> {
  let sent = 0
  const work = async () => {
    while (sent < REQUESTS) await ask(tokens[sent++ % tokens.length] ?? '')
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
}
