import { describe, expect, test } from '@jest/globals'
import {
  AUTHORIZATION_MALFORMED,
  contentOf,
  expectAnswer,
  insufficientScope,
  NO_TOKEN,
  UNAUTHORIZED,
  unknownTool,
} from '../../security/expected.ts'
import { bearer, type Header } from '../../security/scene.ts'
import { CONTENT, type LogLine } from '../../security/server.ts'
import { challengeOf, openGateway } from './gateway.ts'

/** A scope that depends on what a call would do, beside those of the default policy. */
const ARCHIVE = `# METADATA
# title: The archive needs a scope of its own
# description: Whoever calls, whatever the tool.
# custom:
#   code: scopes.archive
package mcp.rules.scopes.archive

# METADATA
# description: some path of the call lies in the archive
scope contains "docs:archive" if {
	some path in input.resource.properties.paths
	path.segments[0] == "docs"
}
`
const SCOPES =
  'mcp:write: [mcp:read]\nmcp:read: []\nmcp:admin: []\ndocs:archive: []\ndocs:all: [docs:archive, mcp:write]\n'

const gateway = openGateway({
  policies: { 'mcp/rules/scopes/archive/archive.rego': ARCHIVE, 'mcp/scopes/data.yaml': SCOPES },
})
const BASE: readonly Header[] = [
  ['Host', '127.0.0.1'],
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json, text/event-stream'],
  ['Connection', 'close'],
]
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
const PUBLIC = { path: 'public/ok.txt' }
const DOCS = { path: 'docs/ok.txt' }

describe('5.2: challenges', () => {
  test('5.2/12 5.2/13 no token is 401 without an error, one that is not accepted 401 with invalid_token', async () => {
    const { send } = await gateway.scene('alice')
    expectAnswer(await send({ headers: BASE, body: PING }), NO_TOKEN)
    expectAnswer(await send({ headers: [...BASE, ['Authorization', 'Basic YTpi']], body: PING }), NO_TOKEN)
    expectAnswer(await send({ headers: [...BASE, bearer('x.y.z')], body: PING }), UNAUTHORIZED)
  })

  test('5.2/13 a malformed authorization request is 400 with invalid_request', async () => {
    const { send, attacker } = await gateway.scene('alice')
    const malformed: readonly (readonly Header[])[] = [
      [['Authorization', 'Bearer']],
      [['Authorization', `Bearer ${attacker.token} ${attacker.token}`]],
      [bearer(attacker.token), bearer(attacker.token)],
      [['Authorization', 'Basic YTpi'], bearer(attacker.token)],
      [bearer(attacker.token), ['Authorization', 'Basic YTpi']],
    ]
    for (const headers of malformed) {
      expectAnswer(await send({ headers: [...BASE, ...headers], body: PING }), AUTHORIZATION_MALFORMED)
    }
  })

  test('5.2/17 401 names scope and metadata', async () => {
    const { send } = await gateway.scene('alice')
    expect(Object.keys(challengeOf(await send({ headers: BASE, body: PING })))).toEqual(['scope', 'resource_metadata'])
  })

  test('5.2/18 a scope that is missing at run time is 403 with a challenge', async () => {
    const { call } = await gateway.scene('alice', ['user'])
    const answer = await call('writeFile', { path: 'users/alice/a.txt', content: 'x' })
    expectAnswer(answer, insufficientScope('mcp:write'))
  })

  test('5.2/19 the challenge names all scopes of the operation, those of the token too, by its very arguments', async () => {
    const { call } = await gateway.scene('alice', ['readonly'])
    expectAnswer(await call('readFile', PUBLIC), contentOf(CONTENT))
    expectAnswer(await call('readFile', DOCS), insufficientScope('docs:archive mcp:read'))
    expectAnswer(await call('readFile', DOCS), insufficientScope('docs:archive mcp:read'))
  })

  test('5.2/20 a scope that implies others is as good as they are', async () => {
    const { call } = await gateway.scene('alice', ['readonly'], 'docs:all')
    expectAnswer(await call('readFile', DOCS), contentOf(CONTENT))
    const narrow = await gateway.scene('alice', ['readonly'], 'docs:archive')
    expectAnswer(await narrow.call('readFile', DOCS), insufficientScope('docs:archive mcp:read'))
  })

  test('5.2/21 scopes alone grant nothing', async () => {
    const { call } = await gateway.scene('eve', [], 'docs:all mcp:write mcp:admin')
    expectAnswer(await call('readFile', PUBLIC), unknownTool('readFile'))
  })

  test('5.2/22 an elevation is on the log, tied to the refusal that asked for it', async () => {
    const { call, token, attacker } = await gateway.scene('carol', ['readonly'])
    const from = gateway.server().logText().length
    await call('readFile', DOCS)
    const now = Math.floor(Date.now() / 1000)
    const { iss, aud } = JSON.parse(Buffer.from(attacker.token.split('.')[1] ?? '', 'base64url').toString())
    const more = { iss, aud, sub: 'carol', iat: now, exp: now + 60, roles: ['readonly'], client_id: 'attack' }
    const as = { sub: 'carol', token: await token({ ...more, scope: 'mcp:read docs:archive' }) }
    expectAnswer(await call('readFile', DOCS, { as }), contentOf(CONTENT))
    const lines: LogLine[] = gateway
      .server()
      .logText()
      .slice(from)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const [refused, permitted] = lines.filter(({ kind }) => kind === 'decision')
    expect([refused?.refusal, permitted?.refusal, permitted?.['elevation']]).toEqual([
      'insufficient_scope',
      undefined,
      { refused: refused?.decision_id, scopes: ['docs:archive'] },
    ])
  })
})
