import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals'
import { exportSPKI } from 'jose'
import { formatFaults, loadConfig } from '../../src/config/load.ts'
import { createSigner, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import { contentOf, expectAnswer, UNAUTHORIZED, unknownTool } from './expected.ts'
import { stopDate } from './fake-date.ts'
import type { Scene } from './scene.ts'
import { AUDIENCE, CONTENT, claimsOf, HEADER, ISSUER, type LogLine } from './server.ts'

const rsa = await createSigner('RS256', 'rsa')
const stranger = await createSigner('ES256', 'k1')
const good = () => claimsOf({ sub: 'mallory', roles: ['readonly'] })

const encode = (part: object | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** Sends a good call with each token; all of them must be refused alike. */
async function expectRefused(scene: Scene, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const as = { sub: 'mallory', token }
    expectAnswer(await scene.call('readFile', { path: 'public/ok.txt' }, { as }), UNAUTHORIZED)
  }
}

async function expectAccepted(scene: Scene, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const as = { sub: 'mallory', token }
    expectAnswer(await scene.call('readFile', { path: 'public/ok.txt' }, { as }), contentOf(CONTENT))
  }
}

/** Signs good claims with changes; `undefined` takes a claim away. */
const withClaims = (scene: Scene, ...changes: readonly object[]) =>
  Promise.all(changes.map((change) => scene.token({ ...good(), ...change })))

const causes = (lines: readonly LogLine[]) =>
  lines.filter(({ refusal }) => refusal !== undefined).map(({ refusal, cause }) => `${refusal} ${cause}`)

/** Of refusals before authentication only some a second are written; those that were must say the right thing. */
const expectCauses =
  (...expected: readonly string[]) =>
  (lines: readonly LogLine[]) =>
    expect(causes(lines).filter((cause) => !expected.includes(cause.replace('token_invalid ', '')))).toEqual([])

describe('signatures', () => {
  const attack = attacksOn({ keys: [rsa.jwk] })

  attack(
    'B-006',
    async (scene) => {
      const [, , signature = ''] = (await scene.token(good())).split('.')
      const unsigned = ['none', 'None', 'NONE', 'nOnE', '', 'none ', null].flatMap((alg) => {
        const input = `${encode({ ...HEADER, alg })}.${encode(good())}`
        return [`${input}.`, `${input}.${signature}`, input, `${input}..`]
      })
      await expectRefused(scene, unsigned)
    },
    { logged: expectCauses('algorithm_not_allowed', 'not_a_compact_jws') },
  )

  attack('B-007', async (scene) => {
    const pem = await exportSPKI(await crypto.subtle.importKey('jwk', rsa.jwk, RSA, true, ['verify']))
    const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
    const { n = '' } = rsa.jwk
    const secrets = [pem, pem.trim(), der, JSON.stringify(rsa.jwk), n, Buffer.from(n, 'base64url'), '']
    const tokens = secrets.flatMap((secret) =>
      ['HS256', 'RS256'].map((alg) => {
        const input = `${encode({ alg, typ: 'at+jwt', kid: 'rsa' })}.${encode(good())}`
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      }),
    )
    await expectRefused(scene, tokens)
    await expectAccepted(scene, [await sign(rsa, { alg: 'RS256', typ: 'at+jwt', kid: 'rsa' }, good())])
  })

  attack(
    'B-009',
    async (scene) => {
      const { kid: _, ...jwk } = stranger.jwk
      const headers = [
        { ...HEADER, jwk },
        { alg: 'ES256', typ: 'at+jwt', jwk },
        { ...HEADER, jwk: { ...jwk, kid: 'k1' } },
      ]
      await expectRefused(scene, await Promise.all(headers.map((header) => sign(stranger, header, good()))))
    },
    { logged: expectCauses('signature_invalid', 'key_unknown') },
  )

  attack('B-021', async (scene) => {
    const [header, claims, signature = ''] = (await scene.token(good())).split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)]
    const zero = Buffer.alloc(32)
    const n = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
    const one = Buffer.concat([zero.subarray(1), Buffer.from([1])])
    const forged = [
      [zero, zero],
      [zero, s],
      [r, zero],
      [n, n],
      [r, n],
      [n, s],
      [one, one],
      [s, r],
      [zero.subarray(0, 1), r, zero.subarray(0, 1), s],
      [bytes, zero],
      [r],
      [bytes.subarray(0, 63)],
    ]
    const spelled = forged.map((parts) => `${header}.${claims}.${Buffer.concat(parts).toString('base64url')}`)
    await expectRefused(scene, [...spelled, `${header}.${claims}.${signature}==`])
  })

  describe('with a listener', () => {
    let listener: Server
    let requests = 0
    beforeAll(async () => {
      listener = createServer((_, response) => {
        requests++
        response.end(JSON.stringify({ keys: [stranger.jwk] }))
      })
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    })
    afterAll(() => new Promise((resolve) => listener.close(resolve)))

    attack('B-010', async (scene) => {
      const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/evil`
      const headers = [{ jku: url }, { x5u: url }, { x5c: ['MIIB'] }, { jku: url, kid: 'new' }, { x5t: 'x', x5u: url }]
      const tokens = headers.map((header) => sign(stranger, { ...HEADER, ...header }, good()))
      await expectRefused(scene, await Promise.all(tokens))
      expect(requests).toBe(0)
    })
  })
})

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

describe('claims', () => {
  stopDate(Date.parse('2026-11-22T12:00:00Z'))
  const attack = attacksOn()
  const SKEW = 30

  attack(
    'B-025',
    async (scene) => {
      const now = Math.floor(Date.now() / 1000)
      const exp = (at: number) => ({ iat: now - 3600, exp: at })
      await expectRefused(scene, await withClaims(scene, exp(now - SKEW - 1), exp(now - SKEW)))
      await expectAccepted(scene, await withClaims(scene, exp(now - SKEW + 1), exp(now)))
      await expectRefused(scene, await withClaims(scene, { nbf: now + SKEW + 1 }, { iat: now + SKEW + 1 }))
      await expectAccepted(scene, await withClaims(scene, { nbf: now + SKEW }, { iat: now + SKEW }))
      // a token that is remembered grows old too
      const remembered = await withClaims(scene, { iat: now - 60, exp: now + 10 })
      await expectAccepted(scene, remembered)
      jest.setSystemTime((now + 10 + SKEW) * 1000)
      await expectRefused(scene, remembered)
      jest.setSystemTime(now * 1000)
    },
    { logged: expectCauses('expired', 'not_yet_valid', 'issued_in_the_future') },
  )

  attack('B-027', async (scene) => {
    const { exp: _, ...rest } = good()
    const texts = ['"1"', '1e400', '9e15', '-1', '1.5', 'null', '[1795000000]', 'true', '{"valueOf":1}']
    const raw = texts.map((exp) => scene.token(JSON.stringify(rest).replace(/}$/, `,"exp":${exp}}`)))
    const { iat } = rest
    await expectRefused(scene, await Promise.all([...raw, scene.token(rest)]))
    await expectRefused(scene, await withClaims(scene, { exp: iat + 86_401 }, { iat: undefined, exp: iat + 200_000 }))
    await expectAccepted(scene, await withClaims(scene, { exp: iat + 86_400 }))
  })

  attack('B-031', async (scene) => {
    const other = 'https://other.example'
    const wrong = [other, [other], [], undefined, { [AUDIENCE]: true }, AUDIENCE.slice(0, -1), `${AUDIENCE}/`, '', 5]
    await expectRefused(scene, await withClaims(scene, ...wrong.map((aud) => ({ aud }))))
    await expectRefused(scene, await withClaims(scene, { aud: [[AUDIENCE]] }, { aud: AUDIENCE.toUpperCase() }))
    await expectAccepted(scene, await withClaims(scene, { aud: [other, AUDIENCE] }))
  })

  attack('B-035', async (scene) => {
    const subs = [
      undefined,
      5,
      {},
      [],
      null,
      true,
      '',
      '__proto__',
      'x'.repeat(10_240),
      'a\nb',
      'a\u200bb',
      'a\u0000',
      'x'.repeat(257),
    ]
    await expectRefused(scene, await withClaims(scene, ...subs.map((sub) => ({ sub }))))
    await expectRefused(scene, [await scene.token(JSON.stringify(good()).replace('mallory', 'a\\ud800'))])
    await expectRefused(scene, [await scene.token(JSON.stringify(good()).replace('"sub":', '"sub":"admin","sub":'))])
  })

  attack('B-038', async (scene) => {
    const shapes: readonly unknown[] = [
      'admin',
      'admin user',
      { 0: 'admin' },
      ['ADMIN'],
      [' admin'],
      ['nobody'],
      [['admin']],
      ['admin', 5],
      [],
      undefined,
      null,
      ['__proto__', 'constructor', 'toString'],
      Array.from({ length: 300 }, (_, n) => (n === 0 ? 'admin' : `r${n}`)),
    ]
    for (const [n, roles] of shapes.entries()) {
      const as = await scene.caller({ sub: `shape-${n}`, roles })
      expect(await toolsOf(scene, as)).toEqual([])
      expectAnswer(await scene.call('readFile', { path: 'public/ok.txt' }, { as }), unknownTool('readFile'))
    }
    expect(await toolsOf(scene, scene.attacker)).toEqual(['readFile', 'listFiles'])
  })

  attack('B-033', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'portcullis-config-'))
    const file = join(dir, 'c.json')
    const jwks = { file }
    const issuers: readonly (readonly [issuer: object, fault: string])[] = [
      [{ issuer: ISSUER, jwks }, 'issuers.0.audiences: missing'],
      [{ issuer: ISSUER, jwks, audiences: [] }, 'issuers.0.audiences: expected'],
      [{ issuer: ISSUER, jwks, audiences: [''] }, 'issuers.0.audiences.0: expected'],
      [{ jwks, audiences: ['a'] }, 'issuers.0.issuer: missing'],
      [{ issuer: '', jwks, audiences: ['a'] }, 'issuers.0.issuer: expected'],
      [{ issuer: ISSUER, audiences: ['a'] }, 'issuers.0.jwks: missing'],
      [{ issuer: ISSUER, audiences: ['a'], jwks: {} }, 'issuers.0.jwks: expected'],
      [{ issuer: ISSUER, audiences: ['a'], jwks: { url: 'http://keys.example' } }, 'issuers.0.jwks.url: expected'],
      [{ issuer: 'http://i.example', audiences: ['a'], jwks }, 'issuers.0.issuer: a plain-http issuer'],
      [{ issuer: ISSUER, audiences: ['a'], jwks, algorithms: ['HS256'] }, 'issuers.0.algorithms.0: expected'],
      [{ issuer: ISSUER, audiences: ['a'], jwks, algorithms: ['none'] }, 'issuers.0.algorithms.0: expected'],
    ]
    try {
      for (const [issuer, fault] of issuers) {
        writeFileSync(file, JSON.stringify({ workspace: dir, policies: dir, issuers: [issuer] }))
        const loaded = await loadConfig({ file, env: {}, flags: {}, cwd: dir })
        const [head, ...faults] = (loaded.ok ? '' : formatFaults(loaded.error)).split('\n')
        expect([head, ...faults.map((line) => line.includes(fault))]).toEqual(['The configuration has 1 fault:', true])
      }
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

async function toolsOf(scene: Scene, as: Scene['attacker']): Promise<readonly string[]> {
  const { body } = await scene.rpc('tools/list', {}, { as })
  const { result } = JSON.parse(body) as { result: { tools: readonly { name: string }[] } }
  return result.tools.map(({ name }) => name)
}
