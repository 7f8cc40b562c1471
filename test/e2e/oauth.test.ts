import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { connectAs, type Memory, newMemory, OAUTH_SDKS, type OAuthClient } from './oauth-clients.ts'
import { type Machine, openMachine, type Server } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(60_000)

let machine: Machine
let server: Server
beforeAll(async () => {
  machine = await openMachine()
  server = await machine.serve()
})
afterAll(() => machine.remove())

const claimsOf = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe.each(OAUTH_SDKS)('a person with the $name client', (sdk) => {
  const memory: Memory = newMemory()
  const path = `users/user/${sdk.name.replaceAll(/\W/g, '')}.txt`
  let client: OAuthClient

  test('logs in from the URL alone', async () => {
    client = await connectAs(sdk, server.url, memory, { user: 'user' })
    expect(memory.shown).toEqual(['Choose a demo user', 'Let End-to-end test in?'])
    expect(await client.listTools()).toEqual(['readFile', 'listFiles', 'searchFiles', 'writeFile'])
    const [asked] = memory.opened
    const { iss, aud, sub, roles, scope, client_id } = claimsOf(memory.tokens?.access_token)
    expect({ iss, aud, sub, roles, scope, client_id }).toEqual({
      iss: asked?.origin,
      aud: String(server.url),
      sub: 'user',
      roles: ['user'],
      scope: 'mcp:read',
      client_id: memory.client?.client_id,
    })
  })

  test('asks for PKCE with S256, the resource and the scopes of the challenge', () => {
    const asked = Object.fromEntries(memory.opened[0]?.searchParams ?? [])
    expect(asked).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      // SDK 2.x adds it where it is offered
      scope: expect.stringMatching(/^mcp:read( offline_access)?$/),
      resource: String(server.url),
    })
  })

  test('reads, and an expired token is renewed without the person', async () => {
    const before = memory.tokens
    memory.tokens = { ...before, token_type: 'Bearer', access_token: await machine.expiredToken('user') }
    expect((await client.callTool('readFile', { path: 'public/a.txt' })).isError).toBe(false)
    expect(memory.tokens.refresh_token).not.toBe(before?.refresh_token)
    expect(memory.opened).toHaveLength(1)
  })

  test('is asked again where the scope does not reach, and then may write', async () => {
    // SDK 1.x renews where it should ask anew, gets the same scopes, and gives up
    if (sdk.name === 'SDK 1.x') delete memory.tokens?.refresh_token
    const write = () => client.callTool('writeFile', { path, content: 'stepped up' })
    const refused = await write().then(
      () => 'written',
      (error: unknown) => error,
    )
    expect(sdk.needsLogin(refused)).toBe(true)
    expect(memory.opened.at(-1)?.searchParams.get('scope')?.split(' ')).toContain('mcp:write')
    await client.logIn({ user: 'user' })
    expect((await write()).structured).toEqual({ bytes: 10, created: true })
    expect(await readFile(join(machine.workspace, path), 'utf8')).toBe('stepped up')
    await client.close()
  })
})

test('who is not let in gets no token', async () => {
  const [sdk] = OAUTH_SDKS
  if (sdk === undefined) throw new Error('no client')
  const memory = newMemory()
  const client = sdk.open(server.url, memory)
  await expect(client.connect()).rejects.toThrow()
  await expect(client.logIn({ answer: 'deny' })).rejects.toThrow()
  expect(memory.tokens).toBeUndefined()
})

test('a restart keeps clients and refresh tokens', async () => {
  const [, sdk] = OAUTH_SDKS
  if (sdk === undefined) throw new Error('no client')
  const other = await openMachine()
  try {
    const first = await other.serve()
    const memory = newMemory()
    await (await connectAs(sdk, first.url, memory, { user: 'admin' })).close()
    await first.stop()
    const again = await other.serve({ port: first.url.port })
    memory.tokens = { ...memory.tokens, token_type: 'Bearer', access_token: await other.expiredToken('admin') }
    const client = await connectAs(sdk, again.url, memory, {})
    expect(await client.listTools()).toHaveLength(4)
    expect(memory.opened).toHaveLength(1)
    await client.close()
  } finally {
    await other.remove()
  }
})
