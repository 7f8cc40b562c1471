import { generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect } from '@jest/globals'
import { formatFaults, loadConfig } from '../../src/config/load.ts'
import { createSigner, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import { contentOf, expectAnswer, insufficientScope, NO_TOKEN, UNAUTHORIZED } from './expected.ts'
import type { Header, Scene } from './scene.ts'
import { AUDIENCE, CONTENT, claimsOf, HEADER, ISSUER } from './server.ts'

const READ = { path: 'public/ok.txt' }
const good = (changes: object = {}) => ({ ...claimsOf({ sub: 'mallory', roles: ['readonly'] }), ...changes })
const encode = (part: object | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

const ask = (scene: Scene, token: string) => scene.call('readFile', READ, { as: { sub: 'mallory', token } })
async function expectRefused(scene: Scene, ...tokens: readonly (string | Promise<string>)[]) {
  for (const token of tokens) expectAnswer(await ask(scene, await token), UNAUTHORIZED)
}
async function expectAccepted(scene: Scene, ...tokens: readonly (string | Promise<string>)[]) {
  for (const token of tokens) expectAnswer(await ask(scene, await token), contentOf(CONTENT))
}

const twins = await Promise.all([createSigner('ES256', 'twin'), createSigner('ES256', 'twin')])
const rsa = await createSigner('RS256', 'rsa')
const pss = await createSigner('PS256', 'pss')
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
const weakJwk = { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' }

describe('keys that are unfit', () => {
  const attack = attacksOn({
    keys: [
      ...twins.map(({ jwk }) => jwk),
      rsa.jwk,
      pss.jwk,
      weakJwk,
      { ...rsa.jwk, kid: 'one', e: 'AQ' },
      { kty: 'EC', crv: 'P-256', kid: 'off-curve', x: rsa.jwk.n?.slice(0, 43), y: rsa.jwk.n?.slice(43, 86) },
      { kty: 'oct', kid: 'rsa', k: 'c2VjcmV0' },
      {},
      [],
    ],
  })

  attack('B-013', async (scene) => {
    await expectRefused(scene, ...twins.map((twin) => sign(twin, { ...HEADER, kid: 'twin' }, good())))
    await expectAccepted(scene, scene.token(good()))
    const { keys } = await scene.server.portcullis.readiness()
    expect(JSON.stringify(keys)).toContain('its kid is not unique')
  })

  attack('B-015', async (scene) => {
    const input = `${encode({ alg: 'RS256', typ: 'at+jwt', kid: 'weak' })}.${encode(good())}`
    const signature = signBytes('sha256', Buffer.from(input), weak.privateKey).toString('base64url')
    const others = ['one', 'off-curve'].map((kid) => scene.token(good(), { ...HEADER, kid }))
    await expectRefused(scene, `${input}.${signature}`, ...others)
    await expectAccepted(scene, scene.token(good()))
    const { keys } = await scene.server.portcullis.readiness()
    expect(JSON.stringify(keys)).toContain('its modulus has 1024 bits')
  })

  attack('B-024', async (scene) => {
    const as = (signer: typeof rsa, alg: string, kid = signer.jwk.kid) =>
      sign(signer, { alg, typ: 'at+jwt', kid }, good())
    await expectRefused(scene, as(rsa, 'PS256'), as(rsa, 'RS512'), as(rsa, 'ES256'), as(rsa, 'RS256', 'pss'))
    await expectRefused(scene, as(pss, 'RS256'), as(pss, 'PS512'), as(pss, 'PS256', 'rsa'))
    await expectAccepted(scene, as(rsa, 'RS256'), as(pss, 'PS256'))
  })
})

describe('forms and uses of tokens', () => {
  const attack = attacksOn()

  attack('B-017', async (scene) => {
    const crits = [['x'], [], ['exp'], ['b64'], 'x', null, {}]
    await expectRefused(scene, ...crits.map((crit) => scene.token(good(), { ...HEADER, crit, x: 1, b64: true })))
  })

  attack('B-019', async (scene) => {
    const jwe = ['dir', 'RSA-OAEP-256', 'PBES2-HS256+A128KW'].map((alg) => {
      const header = encode({ alg, enc: 'A256GCM', kid: 'k1', zip: 'DEF', p2c: 2_000_000_000 })
      return [header, '', 'AAAAAAAAAAAAAAAA', encode('x'.repeat(4000)), 'AAAAAAAAAAAAAAAAAAAAAA'].join('.')
    })
    const bomb = deflateRawSync(Buffer.alloc(5_000_000)).toString('base64url')
    const [, claims = '', signature = ''] = (await scene.token(good())).split('.')
    const zipped = `${encode({ ...HEADER, zip: 'DEF' })}.${bomb.slice(0, 9000)}.${signature}`
    await expectRefused(scene, ...jwe, zipped, `${encode({ ...HEADER, enc: 'A256GCM' })}.${claims}.${signature}`)
  })

  attack('B-020', async (scene) => {
    const [header = '', payload = '', signature = ''] = (await scene.token(good())).split('.')
    const json = encode(JSON.stringify({ protected: header, payload, signature }))
    await expectRefused(
      scene,
      json,
      `{"payload":"${payload}","signatures":[{"protected":"${header}","signature":"${signature}"}]}`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.`,
      `${header}.${payload}.${signature}.${signature}`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}.a.b.c`,
      `..`,
    )
  })

  attack('B-028', async (scene) => {
    const now = Math.floor(Date.now() / 1000)
    await expectRefused(scene, scene.token(good({ nbf: now + 300 })), scene.token(good({ iat: now + 3000 })))
    await expectRefused(scene, scene.token(good({ iat: '1' })), scene.token(good({ nbf: 1.5 })))
  })

  attack('B-032', async (scene) => {
    await expectAccepted(scene, scene.token(good({ aud: ['https://other.example', AUDIENCE] })))
    const near = [
      `${AUDIENCE}x`,
      `${AUDIENCE}/x`,
      AUDIENCE.slice(0, -1),
      `x${AUDIENCE}`,
      `${AUDIENCE}?`,
      `${AUDIENCE}#`,
    ]
    await expectRefused(scene, ...near.map((aud) => scene.token(good({ aud: ['https://other.example', aud] }))))
  })

  attack('B-034', async (scene) => {
    const typ = (name: unknown) => ({ ...HEADER, typ: name })
    const types = [
      'JWT',
      'oauth-id-jag+jwt',
      'logout+jwt',
      'dpop+jwt',
      'secevent+jwt',
      'token-introspection+jwt',
      '',
      null,
    ]
    await expectRefused(scene, ...types.map((name) => scene.token(good(), typ(name))))
    const marks = [
      { at_hash: 'x' },
      { c_hash: 'x' },
      { typ: 'ID' },
      { typ: 'Refresh' },
      { token_use: 'id' },
      { events: {} },
    ]
    await expectRefused(scene, ...marks.map((mark) => scene.token(good(mark))))
  })

  attack('B-036', async (scene) => {
    const twice = JSON.stringify(good()).replace('"roles":["readonly"]', '"roles":["readonly"],"roles":["admin"]')
    const escaped = JSON.stringify(good()).replace(
      '"roles":["readonly"]',
      '"roles":["readonly"],"r\\u006fles":["admin"]',
    )
    const nested = JSON.stringify(good({ act: { sub: 'a' } })).replace('{"sub":"a"}', '{"sub":"a","sub":"b"}')
    await expectRefused(scene, scene.token(twice), scene.token(escaped), scene.token(nested))
    await expectRefused(scene, scene.token(good(), '{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"}'))
  })

  attack('B-039', async (scene) => {
    const many = Array.from({ length: 1500 }, (_, n) => `s${n}`)
    const scopes: readonly unknown[] = [
      'mcp:read\tmcp:write',
      'mcp:*',
      '*',
      ' mcp:read',
      'MCP:READ',
      'mcp:read,mcp:write',
      ['mcp:read mcp:write'],
      ['mcp:read', 5],
      { 0: 'mcp:read' },
      '',
      null,
      undefined,
      ['mcp:read', ...many].join(' '),
    ]
    for (const scope of scopes)
      expectAnswer(await ask(scene, await scene.token(good({ scope }))), insufficientScope('mcp:read'))
    await expectAccepted(scene, scene.token(good({ scope: ['mcp:read'] })))
  })

  attack('B-053', async (scene) => {
    const bound = await scene.token(good({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }))
    const proof = await scene.token({ jti: 'j', htm: 'POST', htu: AUDIENCE, iat: 1 }, { ...HEADER, typ: 'dpop+jwt' })
    const base: readonly Header[] = [
      ['Host', '127.0.0.1'],
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json, text/event-stream'],
      ['Connection', 'close'],
    ]
    const send = (...headers: readonly Header[]) =>
      scene.send({ headers: [...base, ...headers], body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })
    // there is no DPoP here: a bound token is good for nothing, with whatever proof, or with two, or with none
    expectAnswer(await send(['Authorization', `Bearer ${bound}`]), UNAUTHORIZED)
    expectAnswer(await send(['Authorization', `Bearer ${bound}`], ['DPoP', proof]), UNAUTHORIZED)
    expectAnswer(await send(['Authorization', `Bearer ${bound}`], ['DPoP', proof], ['DPoP', proof]), UNAUTHORIZED)
    expectAnswer(await send(['Authorization', `Bearer ${proof}`]), UNAUTHORIZED)
    expectAnswer(await send(['Authorization', `DPoP ${bound}`], ['DPoP', proof]), NO_TOKEN)
    const others = [{ 'x5t#S256': 'x' }, {}, null, 'x'].map((cnf) => scene.token(good({ cnf })))
    await expectRefused(scene, ...others)
  })

  attack('B-055', async (scene) => {
    const first = await scene.token(good())
    await expectAccepted(scene, first, first)
    const [header = '', , signature = ''] = first.split('.')
    const forged = `${header}.${encode(good({ roles: ['admin'] }))}.${signature}`
    expect(forged.slice(0, 64)).toBe(first.slice(0, 64))
    await expectRefused(scene, forged, `${first.slice(0, -2)}AA`)
    await expectAccepted(scene, first)
  })

  attack('B-046', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'portcullis-config-'))
    const file = join(dir, 'c.json')
    const own = { issuer: ISSUER, audiences: ['a'] }
    const refused: readonly (readonly [issuer: object, fault: string])[] = [
      [{ ...own, issuer: 'http://login.example', jwks: { discover: true } }, 'a plain-http issuer can be impersonated'],
      [{ ...own, issuer: 'HTTP://login.example', jwks: { discover: true } }, 'a plain-http issuer can be impersonated'],
      [{ ...own, jwks: { url: 'http://10.0.0.1/jwks' } }, 'plain http keys can be replaced on the way'],
      [{ ...own, jwks: { url: 'http://127.0.0.1.evil.example/jwks' } }, 'plain http keys can be replaced on the way'],
      [{ ...own, jwks: { url: 'ftp://login.example/jwks' } }, 'plain http keys can be replaced on the way'],
      [{ ...own, issuer: 'urn:x', jwks: { discover: true } }, 'there is no metadata at an issuer that is no https URL'],
    ]
    try {
      for (const [issuer, fault] of refused) {
        writeFileSync(file, JSON.stringify({ workspace: dir, policies: dir, issuers: [issuer] }))
        const loaded = await loadConfig({ file, env: {}, flags: {}, cwd: dir })
        expect(loaded.ok ? '' : formatFaults(loaded.error)).toContain(fault)
      }
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
