import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startAuthorizationServer } from '../../src/demo/authorization-server/start.ts'
import { openDemoIssuer } from '../../src/demo/issuer.ts'
import { openBrowser } from '../e2e/browser.ts'
import { startChild } from './child.ts'
import { createClient, message } from './client.ts'
import { createFixture } from './fixture.ts'
import { millis, table } from './table.ts'

const RESOURCE = 'https://mcp.example/mcp'
const REDIRECT = 'http://127.0.0.1:53682/callback'
const LOGINS = 20

type Steps = { readonly discover: number; readonly register: number; readonly login: number; readonly call: number }

/** From nothing to the first answer: what a client does once, without the person who reads the pages. */
export async function benchLogin(): Promise<string> {
  const fixture = await createFixture()
  const stateDir = join(fixture.dir, 'demo')
  await mkdir(stateDir, { mode: 0o700 })
  const demo = await openDemoIssuer(stateDir, randomUUID)
  if (!demo.ok) throw new Error(demo.error)
  const { signingKey } = demo.value
  const options = { stateDir, signingKey, resource: RESOURCE, port: 0, newId: randomUUID, now: Date.now, fetch }
  const login = await startAuthorizationServer(options)
  if (!login.ok) throw new Error(login.error)
  const { issuer } = login.value
  const issuers = [{ issuer, audiences: [RESOURCE], jwks: { discover: true }, home: true }]
  const child = await startChild<{ port: number }>('servers/main.js', [
    'portcullis',
    await fixture.configure('login', { issuers }),
  ])
  const client = createClient(child.answer.port)
  try {
    const taken: Steps[] = []
    for (let n = 0; n < LOGINS; n++) taken.push(await logIn(child.answer.port, issuer, client))
    const median = (step: keyof Steps) =>
      taken.map((steps) => steps[step]).sort((a, b) => a - b)[LOGINS >> 1] ?? Number.NaN
    const steps = [median('discover'), median('register'), median('login'), median('call')]
    return table(
      'login: from the first 401 to the first answer of a tool, ms, median; nobody reads the pages',
      ['', '401 and metadata', 'registration', 'login, consent, token', 'first call', 'together'],
      [[`${LOGINS} logins`, ...steps.map(millis), millis(steps.reduce((sum, step) => sum + step, 0))]],
    )
  } finally {
    client.close()
    await child.stop()
    await login.value.close()
    fixture.remove()
  }
}

async function logIn(port: number, issuer: string, client: ReturnType<typeof createClient>): Promise<Steps> {
  const lap = stopwatch()
  const refused = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST' })
  await refused.text()
  await (await fetch(`http://127.0.0.1:${port}/.well-known/oauth-protected-resource/mcp`)).json()
  const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as Metadata
  const discover = lap()

  const asked = { redirect_uris: [REDIRECT], grant_types: ['authorization_code'], token_endpoint_auth_method: 'none' }
  const headers = { 'content-type': 'application/json' }
  const registration = { method: 'POST', headers, body: JSON.stringify(asked) }
  const { client_id } = (await (await fetch(metadata.registration_endpoint, registration)).json()) as {
    client_id: string
  }
  const register = lap()

  const verifier = randomBytes(32).toString('base64url')
  const url = new URL(metadata.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: REDIRECT,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    scope: 'mcp:read',
    resource: RESOURCE,
  }).toString()
  const { searchParams } = await openBrowser().logIn(url, { user: 'readonly' })
  const grant = {
    grant_type: 'authorization_code',
    code: searchParams.get('code') ?? '',
    client_id,
    redirect_uri: REDIRECT,
    code_verifier: verifier,
  }
  const redeemed = await fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams(grant) })
  const { access_token } = (await redeemed.json()) as { access_token: string }
  const login = lap()

  const answer = await client.post(
    '/mcp',
    message('modern', access_token, { tool: 'readFile', args: { path: 'public/a.txt' } }),
  )
  if (answer.includes('isError')) throw new Error(answer.slice(0, 300))
  return { discover, register, login, call: lap() }
}

type Metadata = {
  readonly registration_endpoint: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
}

function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const passed = performance.now() - last
    last += passed
    return passed
  }
}
