import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
// `oidc-provider` takes its protected dispatcher from the one that Node has; jest's world has none before this
import { fetch as fetchBy, type RequestInit as InitOf } from 'undici'
import { type AuthorizationServer, startAuthorizationServer } from '../../src/demo/authorization-server/start.ts'
import { openDemoIssuer } from '../../src/demo/issuer.ts'
import { type Answers, openBrowser } from './browser.ts'

const RESOURCE = 'http://127.0.0.1:3000/mcp'
const REDIRECT = 'http://127.0.0.1:53682/callback'
const CIMD = 'https://client.example/oauth/metadata.json'

const stateDir = await mkdtemp(join(tmpdir(), 'portcullis-login-'))
let server: AuthorizationServer
/** What the metadata document of a client is answered with, and how it was asked for. */
let document: () => Response = () => new Response(null, { status: 404 })
let asked: InitOf[] = []

beforeAll(async () => {
  server = await start(0)
})
afterAll(async () => {
  await server.close()
  await rm(stateDir, { recursive: true })
})

async function start(port: number): Promise<AuthorizationServer> {
  const issuer = await openDemoIssuer(stateDir, randomUUID)
  if (!issuer.ok) throw new Error(issuer.error)
  const started = await startAuthorizationServer({
    stateDir,
    signingKey: issuer.value.signingKey,
    resource: RESOURCE,
    port,
    newId: randomUUID,
    now: Date.now,
    fetch: async (_url, init) => {
      asked.push((init ?? {}) as object)
      return document()
    },
  })
  if (!started.ok) throw new Error(started.error)
  return started.value
}

const at = (path: string) => new URL(path, server.issuer)
const postJson = (path: string, body: object) =>
  fetch(at(path), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const metadata = {
  client_name: 'A <script>alert(1)</script>',
  redirect_uris: [REDIRECT],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
}
async function register(more: object = {}): Promise<string> {
  const answer = await postJson('/reg', { ...metadata, ...more })
  return ((await answer.json()) as { client_id: string }).client_id
}

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')

function authorizationUrl(clientId: string, changes: Readonly<Record<string, string | undefined>> = {}): URL {
  const url = at('/auth')
  const asks = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    scope: 'mcp:read',
    resource: RESOURCE,
    ...changes,
  }
  for (const [name, value] of Object.entries(asks)) if (value !== undefined) url.searchParams.set(name, value)
  return url
}

async function redeem(fields: Readonly<Record<string, string>>) {
  const answer = await fetch(at('/token'), { method: 'POST', body: new URLSearchParams(fields) })
  const body = (await answer.json()) as { readonly access_token: string; readonly refresh_token: string }
  return { status: answer.status, ...body }
}

async function logIn(clientId: string, answers: Answers, changes: Readonly<Record<string, string | undefined>> = {}) {
  const { searchParams } = await openBrowser().logIn(authorizationUrl(clientId, changes), answers)
  const code = searchParams.get('code') ?? ''
  return redeem({
    grant_type: 'authorization_code',
    code,
    client_id: clientId,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  })
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

test.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])('%s', async (path) => {
  const { issuer } = server
  expect(await (await fetch(at(path))).json()).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/reg`,
    jwks_uri: `${issuer}/jwks`,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code'],
    scopes_supported: ['mcp:read', 'mcp:write', 'mcp:admin', 'openid', 'offline_access'],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  })
})

describe('the pages', () => {
  test('carry no script, go into no frame, and escape what clients say', async () => {
    const browser = openBrowser()
    const to = (await browser.open(authorizationUrl(await register()))).headers.get('location') ?? ''
    const answer = await browser.open(at(to))
    const { 'content-security-policy': policy, ...headers } = Object.fromEntries(answer.headers)
    expect(policy?.replace(/sha256-[^']+/, '<hash>')).toBe(
      "default-src 'none'; style-src '<hash>'; form-action 'self' http://127.0.0.1:53682; frame-ancestors 'none'; base-uri 'none'",
    )
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    const page = await answer.text()
    expect(page).toContain('A &lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toContain('<script')
  })

  test.each<{ name: string; origin: string | undefined }>([
    { name: 'another origin', origin: 'http://127.0.0.1:8080' },
    { name: 'no origin', origin: undefined },
    { name: 'an opaque origin', origin: 'null' },
  ])('a form from $name is refused', async ({ origin }) => {
    const browser = openBrowser()
    const to = (await browser.open(authorizationUrl(await register()))).headers.get('location') ?? ''
    const body = new URLSearchParams({ login: 'admin' })
    const headers = origin === undefined ? {} : { origin }
    expect((await fetch(at(`${to}/login`), { method: 'POST', headers, body })).status).toBe(403)
  })

  test('a login begun in another browser is refused', async () => {
    const to = (await openBrowser().open(authorizationUrl(await register()))).headers.get('location') ?? ''
    expect((await openBrowser().open(at(`${to}/login`), { login: 'admin' })).status).toBe(400)
  })
})

describe('the door', () => {
  const ask = async (headers: Readonly<Record<string, string>>, method = 'GET', body = '') => {
    const asking = request(at('/token'), { method, headers })
    asking.end(body)
    const [answer] = await once(asking, 'response')
    answer.resume()
    return answer.statusCode
  }
  test.each<{ name: string; headers: Readonly<Record<string, string>>; body: string; status: number }>([
    { name: 'another host', headers: { host: 'evil.example' }, body: '', status: 403 },
    { name: 'a body without length', headers: { 'transfer-encoding': 'chunked' }, body: 'a=b', status: 411 },
    { name: 'a long body', headers: { 'content-length': '8193' }, body: 'a'.repeat(8193), status: 413 },
  ])('refuses $name', async ({ headers, body, status }) => {
    expect(await ask(headers, 'POST', body)).toBe(status)
  })
})

describe('what may be registered', () => {
  test.each<{ redirect: string; status: number }>([
    { redirect: 'http://localhost:1234/callback', status: 201 },
    { redirect: 'http://[::1]:1234/callback', status: 201 },
    { redirect: 'https://client.example/callback', status: 201 },
    { redirect: 'cursor://anysphere.cursor-mcp/oauth/callback', status: 201 },
    { redirect: 'http://evil.example/callback', status: 400 },
    { redirect: 'javascript:alert(1)', status: 400 },
    { redirect: 'data:text/html,a', status: 400 },
  ])('$redirect: $status', async ({ redirect, status }) => {
    expect((await postJson('/reg', { ...metadata, redirect_uris: [redirect] })).status).toBe(status)
  })
})

describe('what is refused at the authorization endpoint', () => {
  test.each<{ name: string; changes: Readonly<Record<string, string | undefined>>; error: string }>([
    {
      name: 'no PKCE',
      changes: { code_challenge: undefined, code_challenge_method: undefined },
      error: 'invalid_request',
    },
    { name: 'plain PKCE', changes: { code_challenge_method: 'plain' }, error: 'invalid_request' },
    { name: 'another resource', changes: { resource: 'http://127.0.0.1:4000/mcp' }, error: 'invalid_target' },
    { name: 'the implicit flow', changes: { response_type: 'token' }, error: 'unsupported_response_type' },
    { name: 'an unknown scope', changes: { scope: 'mcp:read root' }, error: 'none' },
  ])('$name', async ({ changes, error }) => {
    const answer = await openBrowser().open(authorizationUrl(await register(), changes))
    const to = new URL(answer.headers.get('location') ?? '', server.issuer)
    const told = new URLSearchParams(to.hash === '' ? to.search : to.hash.slice(1))
    expect([told.get('error') ?? 'none', told.get('code')]).toEqual([error, null])
  })

  test('a code without its verifier', async () => {
    const clientId = await register()
    const { searchParams } = await openBrowser().logIn(authorizationUrl(clientId), { user: 'user' })
    const fields = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: REDIRECT }
    const code = searchParams.get('code') ?? ''
    const wrong = randomBytes(32).toString('base64url')
    expect(await redeem({ ...fields, code, code_verifier: wrong })).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    })
  })
})

describe('a token', () => {
  test.each<{ name: string; user: string; changes: Readonly<Record<string, string | undefined>>; scope: string }>([
    { name: 'without any scope asked', user: 'user', changes: { scope: undefined }, scope: 'mcp:read' },
    { name: 'without a resource asked', user: 'user', changes: { resource: undefined }, scope: 'mcp:read' },
    { name: 'of who may write', user: 'user', changes: { scope: 'mcp:read mcp:write' }, scope: 'mcp:read mcp:write' },
    { name: 'of who may only read', user: 'readonly', changes: { scope: 'mcp:read mcp:write' }, scope: 'mcp:read' },
    { name: 'of who may not administer', user: 'user', changes: { scope: 'mcp:write mcp:admin' }, scope: 'mcp:write' },
    { name: 'of who may administer', user: 'admin', changes: { scope: 'mcp:admin' }, scope: 'mcp:admin' },
  ])('$name', async ({ user, changes, scope }) => {
    const clientId = await register()
    const { access_token } = await logIn(clientId, { user }, changes)
    const { iat, exp, jti, ...claims } = claimsOf(access_token)
    expect(claims).toEqual({
      iss: server.issuer,
      aud: RESOURCE,
      sub: user,
      client_id: clientId,
      roles: [user],
      scope,
    })
    expect([exp - iat, typeof jti]).toEqual([3600, 'string'])
  })

  test('is renewed once: whoever comes again with the same refresh token ends them all', async () => {
    const client_id = await register()
    const first = await logIn(client_id, { user: 'user' })
    const renew = (refresh_token: string) => redeem({ grant_type: 'refresh_token', client_id, refresh_token })
    const second = await renew(first.refresh_token)
    expect([second.status, claimsOf(second.access_token).aud]).toEqual([200, RESOURCE])
    expect(await renew(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await renew(second.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' })
  })
})

describe('a client known by its metadata document', () => {
  const good = { ...metadata, client_id: CIMD, client_name: 'Example' }
  const json = (body: object) => () => Response.json(body)

  test('logs in without registration; the consent page shows its address', async () => {
    asked = []
    document = json(good)
    const { access_token } = await logIn(CIMD, { user: 'user' })
    expect(claimsOf(access_token).client_id).toBe(CIMD)
    expect(asked.map(({ redirect, signal }) => [redirect, signal instanceof AbortSignal])).toEqual([['manual', true]])
  })

  test.each<{ name: string; answer: () => Response }>([
    { name: 'of another client', answer: json({ ...good, client_id: 'https://other.example/a' }) },
    { name: 'with a secret', answer: json({ ...good, client_secret: 'secret' }) },
    { name: 'that is too large', answer: json({ ...good, padding: 'a'.repeat(6000) }) },
    { name: 'that is not JSON', answer: () => new Response('<html>') },
    { name: 'that is elsewhere', answer: () => Response.redirect('https://other.example/a', 302) },
    { name: 'that is not there', answer: () => new Response(null, { status: 404 }) },
  ])('a document $name is refused', async ({ answer }) => {
    document = answer
    const response = await openBrowser().open(authorizationUrl(`https://client.example/${randomUUID()}`))
    expect([response.status, response.headers.get('location')]).toEqual([400, null])
  })

  test.each(['http://127.0.0.1:9/client', 'http://client.example/a'])('%s is no address for one', async (id) => {
    asked = []
    expect((await openBrowser().open(authorizationUrl(id))).status).toBe(400)
    expect(asked).toEqual([])
  })

  test('an address of this machine is not asked', async () => {
    asked = []
    document = json(good)
    await openBrowser().open(authorizationUrl(`https://client.example/${randomUUID()}`))
    const [init] = asked
    let reached = false
    const inside = createServer((_req, res) => {
      reached = true
      res.end()
    }).listen(0, '127.0.0.1')
    await once(inside, 'listening')
    const url = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/`
    await expect(fetchBy(url, init)).rejects.toMatchObject({
      cause: { message: 'hostname resolves to a special-use IP address' },
    })
    expect(reached).toBe(false)
    inside.close()
  })
})

test('what is remembered is for this user alone, and bound to the port', async () => {
  const { port } = new URL(server.issuer)
  const file = join(stateDir, `logins-${port}.json`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const other = await start(Number(port))
  expect(new URL(other.issuer).port).not.toBe(port)
  await other.close()
  expect((await readdir(stateDir)).filter((name) => name.startsWith('logins-'))).toEqual([`logins-${port}.json`])
})
