import { describe, expect, test } from '@jest/globals'
import { contentOf, expectAnswer, METHOD_NOT_ALLOWED, NO_TOKEN, UNAUTHORIZED } from '../../security/expected.ts'
import { bearer, type Header, META } from '../../security/scene.ts'
import { CONTENT, claimsOf } from '../../security/server.ts'
import { openGateway } from './gateway.ts'

const gateway = openGateway()
const READ = { path: 'public/ok.txt' }
const BASE: readonly Header[] = [
  ['Host', '127.0.0.1'],
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json, text/event-stream'],
  ['Connection', 'close'],
]
const good = (changes: object = {}) => ({ ...claimsOf({ sub: 'alice', roles: ['readonly'] }), ...changes })

async function answerTo(claims: object, header?: object) {
  const { call, token } = await gateway.scene('alice')
  return call('readFile', READ, { as: { sub: 'alice', token: await token(claims, header) } })
}

describe('5.2: token acceptance', () => {
  test('5.2/7 takes a good token', async () => {
    expectAnswer(await answerTo(good()), contentOf(CONTENT))
  })

  test.each<{ name: string; claims: object; header?: object }>([
    { name: '5.2/7 an expired token', claims: good({ exp: 1 }) },
    { name: '5.2/7 a token not yet valid', claims: good({ nbf: Math.floor(Date.now() / 1000) + 600 }) },
    { name: '5.2/8 a token without audience', claims: good({ aud: undefined }) },
    { name: '5.2/8 a token for somebody else', claims: good({ aud: 'https://api.example' }) },
    { name: '5.2/9 a token of an unknown issuer', claims: good({ iss: 'https://elsewhere.example' }) },
    { name: '5.2/9 an ID token', claims: good({ nonce: 'n', at_hash: 'h' }) },
    { name: '5.2/9 an ID-JAG', claims: good(), header: { alg: 'ES256', kid: 'k1', typ: 'oauth-id-jag+jwt' } },
    { name: '5.2/9 a token bound to a key', claims: good({ cnf: { jkt: 'x' } }) },
  ])('$name is refused', async ({ claims, header }) => {
    expectAnswer(await answerTo(claims, header), UNAUTHORIZED)
  })

  test('5.2/10 asks for it on every request, whatever its method, also after one that had it', async () => {
    const { send, attacker, rpc } = await gateway.scene('alice')
    expect((await rpc('tools/list')).status).toBe(200)
    const listing = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } })
    expectAnswer(await send({ headers: BASE, body: listing }), NO_TOKEN)
    expectAnswer(await send({ headers: [...BASE, ['Mcp-Session-Id', 'a']], body: listing }), NO_TOKEN)
    for (const method of ['GET', 'DELETE']) {
      expectAnswer(await send({ method, headers: BASE }), NO_TOKEN)
      expectAnswer(await send({ method, headers: [...BASE, bearer(attacker.token)] }), METHOD_NOT_ALLOWED)
    }
  })

  test('5.2/11 takes no token from the query, and reads none there beside the header', async () => {
    const { send, attacker } = await gateway.scene('alice')
    const target = `/mcp?access_token=${attacker.token}`
    expectAnswer(await send({ target, headers: BASE, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }), NO_TOKEN)
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', access_token: attacker.token })
    expectAnswer(await send({ headers: BASE, body }), NO_TOKEN)
    const cookie: Header = ['Cookie', `access_token=${attacker.token}`]
    expectAnswer(await send({ headers: [...BASE, cookie], body }), NO_TOKEN)
  })

  test('5.2/14 5.2/16 a token goes no further: not to a tool, not to the log, not to the answer', async () => {
    const { call, attacker } = await gateway.scene('alice')
    const { body } = await call('readFile', READ)
    const { server } = gateway
    const [, , signature = ''] = attacker.token.split('.')
    expect([body, server().logText(), server().operatorLog()].map((text) => text.includes(signature))).toEqual([
      false,
      false,
      false,
    ])
  })

  test('5.2/27 5.2/28 5.2/29 there is no session, and what a client calls one is nothing', async () => {
    const { legacy, attacker } = await gateway.scene('alice')
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
    const begun = await legacy('initialize', hello)
    expect([begun.status, begun.headers['mcp-session-id']]).toEqual([200, undefined])
    const bob = await gateway.scene('bob', [])
    const taken = await bob.legacyCall('readFile', READ, { headers: [['Mcp-Session-Id', attacker.token.slice(0, 20)]] })
    expect(JSON.parse(taken.body).error.message).toBe('Unknown tool: readFile')
  })
})
