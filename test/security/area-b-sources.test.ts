import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, jest } from '@jest/globals'
import { createSigner, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import { contentOf, expectAnswer, UNAUTHORIZED, unknownTool } from './expected.ts'
import { stopDate } from './fake-date.ts'
import { eventually } from './invariants.ts'
import type { Scene } from './scene.ts'
import { AUDIENCE, CONTENT, claimsOf, HEADER, type LogLine } from './server.ts'
import { running } from './tools/gate.ts'

setFlagsFromString('--expose-gc')

const READ = { path: 'public/ok.txt' }
const other = await createSigner('ES256', 'k1')
const JWKS = JSON.stringify({ keys: [other.jwk] })

/** Servers of keys that do not serve them, by the path asked for. */
const held: ServerResponse[] = []
const asked: string[] = []
const MISBEHAVIOURS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  hangs: (response) => held.push(response),
  trickles: (response) => {
    held.push(response)
    response.setHeader('content-type', 'application/json').write('{"keys":[')
  },
  huge: (response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ keys: [other.jwk], padding: 'x'.repeat(5_000_000) }))
  },
  crowded: (response) => {
    const keys = Array.from({ length: 101 }, (_, n) => ({ ...other.jwk, kid: `k${n}` }))
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  },
  redirects: (response) => response.writeHead(302, { location: '/good' }).end(),
  html: (response) => response.setHeader('content-type', 'text/html').end(JWKS),
  malformed: (response) => response.setHeader('content-type', 'application/json').end(JWKS.slice(0, -1)),
  twice: (response) => response.setHeader('content-type', 'application/json').end(`{"keys":[],${JWKS.slice(1)}`),
  fails: (response) => response.writeHead(500, { 'content-type': 'application/json' }).end(JWKS),
  good: (response) => response.setHeader('content-type', 'application/json').end(JWKS),
}
const keyServer = createServer(({ url = '' }, response) => {
  asked.push(url)
  MISBEHAVIOURS[url.slice(1)]?.(response.setHeader('connection', 'close'))
})
await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`
afterAll(() => {
  for (const response of held) response.destroy()
  return new Promise((resolve) => keyServer.close(resolve))
})

const issuerOf = (name: string) => `https://${name}.example`
const BAD = Object.keys(MISBEHAVIOURS).filter((name) => name !== 'good')
const claims = (changes: object = {}) => ({ ...claimsOf({ sub: 'mallory', roles: ['readonly'] }), ...changes })
const ask = (scene: Scene, token: string) => scene.call('readFile', READ, { as: { sub: 'mallory', token } })

describe('sources of keys that misbehave', () => {
  const issuers = [...BAD, 'good'].map((name) => ({
    issuer: issuerOf(name),
    audiences: [AUDIENCE],
    jwks: { url: `${origin}/${name}` },
  }))
  // what memory is collected meanwhile must not take a deadline along
  const collecting = setInterval(runInNewContext('gc'), 200)
  afterAll(() => clearInterval(collecting))
  const attack = attacksOn({ issuers, keyless: true })
  const tokenOf = (name: string) => sign(other, HEADER, claims({ iss: issuerOf(name) }))

  attack('B-045', async (scene) => {
    const before = asked.length
    for (const name of BAD) expectAnswer(await ask(scene, await tokenOf(name)), UNAUTHORIZED)
    // one that hangs holds up nobody else
    const waiting = ['hangs', 'trickles'].map(async (name) => ask(scene, await tokenOf(name)))
    expectAnswer(await ask(scene, await scene.token(claims())), contentOf(CONTENT))
    expectAnswer(await ask(scene, await tokenOf('good')), contentOf(CONTENT))
    for (const answer of await Promise.all(waiting)) expectAnswer(answer, UNAUTHORIZED)
    // each failure is remembered for a while, and nobody was sent on to the good one
    expect(asked.length - before).toBeLessThanOrEqual(2 * BAD.length)
    expect(asked.filter((path) => path === '/good')).toHaveLength(1)
  })
})

describe('revocations that cannot be read', () => {
  stopDate()
  const attack = attacksOn({
    files: { 'revoked.yaml': 'subjects: [{ id: revoked }]' },
    config: { revocations: 'srv/a/revoked.yaml', revocations_max_stale: 600 },
  })
  const later = (seconds: number) => jest.setSystemTime(Date.now() + seconds * 1000)

  attack('B-049', async (scene) => {
    const file = join(scene.server.workspace, 'revoked.yaml')
    const revoked = await scene.caller({ sub: 'revoked' })
    const good = await scene.token(claims())
    expectAnswer(await ask(scene, revoked.token), UNAUTHORIZED)
    expectAnswer(await ask(scene, good), contentOf(CONTENT))
    unlinkSync(file)
    later(599)
    expectAnswer(await ask(scene, good), contentOf(CONTENT))
    expectAnswer(await ask(scene, revoked.token), UNAUTHORIZED)
    later(2)
    expectAnswer(await ask(scene, good), UNAUTHORIZED)
    const { revocations } = await scene.server.portcullis.readiness()
    expect(revocations?.ready).toBe(false)
    writeFileSync(file, 'subjects: [{ id: revoked }]')
    later(2)
    expectAnswer(await ask(scene, good), contentOf(CONTENT))
    expectAnswer(await ask(scene, revoked.token), UNAUTHORIZED)
  })
})

describe('rights that change', () => {
  const ROLES = 'policies/mcp/roles/data.yaml'
  const MODULE = fileURLToPath(new URL('./tools/gate.ts', import.meta.url))
  const attack = attacksOn({ config: { tools: [MODULE] }, policies: {} })

  attack(
    'B-051',
    async (scene) => {
      const file = join(scene.server.dir, ROLES)
      const slow = scene.call('wait', {})
      await eventually('the tool runs', () => running.length === 1)
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/^admin:\n {2}tools: \["\*"\]/m, 'admin:\n  tools: [readFile]'),
      )
      await scene.server.portcullis.reload()
      expectAnswer(await scene.call('wait', {}), unknownTool('wait'))
      running[0]?.end()
      expect(JSON.parse((await slow).body).result.isError).toBeUndefined()
    },
    {
      roles: ['admin'],
      logged: (lines) => {
        const decided = lines.filter(({ kind }) => kind === 'decision')
        expect(decided.map(({ refusal }) => refusal)).toEqual([undefined, 'hidden'])
        const revisions = decided.map((line: LogLine) => (line['bundle'] as { sha256: string }).sha256)
        expect(new Set(revisions).size).toBe(2)
      },
    },
  )
})
