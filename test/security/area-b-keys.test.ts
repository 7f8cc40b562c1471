import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, jest } from '@jest/globals'
import { createSigner, type Signer, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import { contentOf, expectAnswer, UNAUTHORIZED } from './expected.ts'
import { stopDate } from './fake-date.ts'
import type { Scene } from './scene.ts'
import { AUDIENCE, CONTENT, claimsOf, HEADER } from './server.ts'

const OTHER_ISSUER = 'https://other-issuer.example'
const other = await createSigner('ES256', 'k1')
const SECRET = Buffer.from('a shared secret of more than 32 bytes, in a key set by mistake')
const OCT = { kty: 'oct', kid: 'shared', alg: 'HS256', use: 'sig', k: SECRET.toString('base64url') }

/** A key set on loopback that counts how often it is read. Listens before any server is started. */
const served = { keys: [other.jwk] as object[], reads: 0 }
const keyServer = createServer((_, response) => {
  served.reads++
  response
    .setHeader('content-type', 'application/json')
    .setHeader('connection', 'close')
    .end(JSON.stringify({ keys: served.keys }))
})
await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
const jwks = { url: `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks` }
afterAll(() => new Promise((resolve) => keyServer.close(resolve)))

const good = (changes: object = {}) => ({ ...claimsOf({ sub: 'mallory', roles: ['readonly'] }), ...changes })

const ask = async (scene: Scene, token: string) =>
  scene.call('readFile', { path: 'public/ok.txt' }, { as: { sub: 'mallory', token } })

const expectRefused = async (scene: Scene, token: string) => expectAnswer(await ask(scene, token), UNAUTHORIZED)
const expectAccepted = async (scene: Scene, token: string) => expectAnswer(await ask(scene, token), contentOf(CONTENT))

describe('key sets', () => {
  stopDate()
  const attack = attacksOn({
    keys: [OCT],
    issuers: [{ issuer: OTHER_ISSUER, audiences: [AUDIENCE], jwks }],
  })
  const later = (seconds: number) => jest.setSystemTime(Date.now() + seconds * 1000)
  const ofOther = (signer: Signer = other, kid = 'k1') => sign(signer, { ...HEADER, kid }, good({ iss: OTHER_ISSUER }))

  attack('B-014', async (scene) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${part({ alg: 'HS256', typ: 'at+jwt', kid: 'shared' })}.${part(good())}`
    await expectRefused(scene, `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`)
    await expectAccepted(scene, await scene.token(good()))
  })

  attack('B-030', async (scene) => {
    await expectRefused(scene, await sign(other, HEADER, good()))
    await expectRefused(scene, await scene.token(good({ iss: OTHER_ISSUER })))
    await expectAccepted(scene, await scene.token(good()))
    await expectAccepted(scene, await ofOther())
  })

  attack('B-041', async (scene) => {
    const next = await createSigner('ES256', 'k2')
    // a key set in a file: at once
    const file = join(scene.server.dir, 'jwks.json')
    const [old, fresh] = [await scene.token(good({ jti: 'old' })), await sign(next, { ...HEADER, kid: 'k2' }, good())]
    await expectAccepted(scene, old)
    await expectRefused(scene, fresh)
    writeFileSync(file, JSON.stringify({ keys: [next.jwk] }))
    later(2)
    await expectAccepted(scene, fresh)
    await expectRefused(scene, old)
    writeFileSync(file, JSON.stringify({ keys: [scene.server.signer.jwk, OCT] }))
    later(2)
    // a key set at a URL: after the cool-down, and when it has grown old
    await expectAccepted(scene, await ofOther())
    served.keys = [next.jwk]
    later(31)
    await expectAccepted(scene, await ofOther(next, 'k2'))
    await expectRefused(scene, await ofOther())
    served.keys = [other.jwk]
    later(601)
    await expectRefused(scene, await ofOther(next, 'k2'))
    await expectAccepted(scene, await ofOther())
  })

  attack('B-044', async (scene) => {
    later(31)
    const reads = served.reads
    const tokens = await Promise.all(Array.from({ length: 500 }, (_, n) => ofOther(other, `random-${n}`)))
    const statuses: number[] = []
    for (let at = 0; at < tokens.length; at += 10) {
      const answers = await Promise.all(tokens.slice(at, at + 10).map((token) => ask(scene, token)))
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(new Set(statuses)).toEqual(new Set([401]))
    expect(served.reads - reads).toBe(1)
    await expectAccepted(scene, await ofOther())
    await expectAccepted(scene, await scene.token(good()))
  })
})
