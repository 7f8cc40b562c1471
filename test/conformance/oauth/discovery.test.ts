import { describe, expect, test } from '@jest/globals'
import { ISSUER } from '../../security/server.ts'
import { challengeOf, METADATA_URL, openGateway } from './gateway.ts'

const gateway = openGateway()
const PATHS = ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']
const METADATA = {
  resource: 'http://127.0.0.1:3000/mcp',
  resource_name: 'portcullis',
  authorization_servers: [ISSUER],
  scopes_supported: ['mcp:read'],
  bearer_methods_supported: ['header'],
}
const document = async (path: string, host = '127.0.0.1') =>
  JSON.parse((await gateway.get(path, [['Host', host]])).body)

describe('5.2: discovery', () => {
  test.each(PATHS)('5.2/1 5.2/4 publishes protected resource metadata at %s', async (path) => {
    const { status, headers, body } = await gateway.get(path)
    expect({ status, type: headers['content-type'], body: JSON.parse(body) }).toEqual({
      status: 200,
      type: 'application/json',
      body: METADATA,
    })
  })

  test('5.2/2 names at least one authorization server', async () => {
    expect((await document('/.well-known/oauth-protected-resource/mcp')).authorization_servers).toEqual([ISSUER])
  })

  test('5.2/3 leads there from a challenge, from the path and from the root, without a token', async () => {
    const { send } = await gateway.scene('anyone')
    const refused = await send({
      headers: [
        ['Host', '127.0.0.1'],
        ['Content-Type', 'application/json'],
        ['Accept', 'application/json, text/event-stream'],
        ['Connection', 'close'],
      ],
      body: '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
    })
    expect(challengeOf(refused)['resource_metadata']).toBe(METADATA_URL)
    const { pathname } = new URL(METADATA_URL)
    expect(await Promise.all([pathname, ...PATHS].map((path) => document(path)))).toEqual([
      METADATA,
      METADATA,
      METADATA,
    ])
  })

  test('5.2/3 says what is configured, whatever Host or a proxy says', async () => {
    const forwarded = await gateway.get(PATHS[0] ?? '', [
      ['Host', 'localhost'],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'host=evil.example;proto=https'],
    ])
    expect(JSON.parse(forwarded.body)).toEqual(METADATA)
    expect((await gateway.get(PATHS[0] ?? '', [['Host', 'evil.example']])).status).toBe(403)
  })

  test('5.2/5 names the resource in its canonical form', async () => {
    const { resource } = await document('/.well-known/oauth-protected-resource')
    const { protocol, host, hash } = new URL(resource)
    expect(resource.startsWith(`${protocol}//${host}`.toLowerCase())).toBe(true)
    expect([hash, resource.endsWith('/')]).toEqual(['', false])
  })

  test('5.2/5 accepts an audience whose scheme or host is in upper case', async () => {
    const { token, call } = await gateway.scene('upper')
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: ISSUER, sub: 'upper', iat: now, exp: now + 60, roles: ['readonly'], scope: 'mcp:read' }
    const spelled = await token({ ...claims, aud: 'HTTP://127.0.0.1:3000/mcp' })
    const answer = await call('readFile', { path: 'public/ok.txt' }, { as: { sub: 'upper', token: spelled } })
    expect([answer.status, JSON.parse(answer.body).result.isError]).toEqual([200, undefined])
  })

  test('5.2/6 supports few scopes in its metadata, and never offline_access', async () => {
    const { scopes_supported } = await document('/.well-known/oauth-protected-resource')
    expect(scopes_supported).toEqual(['mcp:read'])
  })
})

describe('5.2: without published metadata', () => {
  const silent = openGateway({ config: { resource_metadata: { publish: false } } })
  test.each(PATHS)('5.2/3 there is nothing at %s, where that is configured', async (path) => {
    const { send } = await silent.scene('silent')
    const headers = [
      ['Host', '127.0.0.1'],
      ['Connection', 'close'],
    ] as const
    expect((await send({ method: 'GET', target: path, headers })).status).toBe(404)
  })

  test('5.2/3 nor is it named in a challenge', async () => {
    const { rpc, attacker } = await silent.scene('silent')
    const refused = await rpc('tools/list', {}, { as: { ...attacker, token: 'x.y.z' } })
    expect([refused.status, challengeOf(refused)]).toEqual([401, { error: 'invalid_token', scope: 'mcp:read' }])
  })
})
