import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type Connect, connectAuto, connectLegacy, connectModern, type McpClient } from './clients.ts'
import { type Machine, openMachine, type Role, type Server } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(60_000)

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/
const ROLES = ['admin', 'user', 'readonly'] as const
const CLIENTS: readonly { readonly sdk: string; readonly connect: Connect }[] = [
  { sdk: 'SDK 1.x', connect: connectLegacy },
  { sdk: 'SDK 2.x, modern', connect: connectModern },
  { sdk: 'SDK 2.x, auto', connect: connectAuto },
]

let machine: Machine
let server: Server
const tokens = new Map<Role, string>()
const tokenOf = (role: Role) => tokens.get(role) ?? ''

beforeAll(async () => {
  machine = await openMachine()
  // The plans are for people; these tests call more often than one.
  const policies = await machine.copyPolicies()
  const plans = join(policies, 'mcp/plans/data.yaml')
  const ample = (await readFile(plans, 'utf8')).replaceAll(/(burst|concurrent: { limit): \d+/g, '$1: 1000')
  await writeFile(plans, ample)
  server = await machine.serve({ flags: ['--policies', policies] })
  await Promise.all(ROLES.map(async (role) => tokens.set(role, await machine.token(role))))
})
afterAll(() => machine.remove())

describe.each(CLIENTS)('with the $sdk client', ({ sdk, connect }) => {
  const clients: McpClient[] = []
  const client = async (role: Role) => {
    const connected = await connect(server.url, tokenOf(role))
    clients.push(connected)
    return connected
  }
  afterAll(async () => {
    await Promise.all(clients.map((connected) => connected.close()))
  })

  test.each<{ role: Role; tools: readonly string[] }>([
    { role: 'admin', tools: ['readFile', 'listFiles', 'searchFiles', 'writeFile'] },
    { role: 'user', tools: ['readFile', 'listFiles', 'searchFiles', 'writeFile'] },
    { role: 'readonly', tools: ['readFile', 'listFiles'] },
  ])('$role sees only its own tools', async ({ role, tools }) => {
    expect(await (await client(role)).listTools()).toEqual(tools)
  })

  test('readFile reads a real file', async () => {
    const { isError, structured } = await (await client('readonly')).callTool('readFile', { path: '/public/a.txt' })
    const content = await readFile(join(machine.workspace, 'public/a.txt'), 'utf8')
    expect({ isError, structured }).toEqual({
      isError: false,
      structured: { content, encoding: 'utf8', size: content.length },
    })
  })

  test('writeFile writes one, searchFiles finds it, listFiles lists it', async () => {
    const user = await client('user')
    const name = `${sdk.replaceAll(/\W/g, '')}.txt`
    const path = `users/user/${name}`
    const text = `written by ${sdk}\n`
    expect((await user.callTool('writeFile', { path, content: text })).structured).toEqual({
      bytes: text.length,
      created: true,
    })
    expect(await readFile(join(machine.workspace, path), 'utf8')).toBe(text)
    expect((await user.callTool('writeFile', { path, content: 'again' })).text).toBe(
      'The file exists already; set overwrite to replace it',
    )
    expect((await user.callTool('searchFiles', { text: text.trim() })).structured).toMatchObject({
      matches: [{ path, line: 1, text: text.trim() }],
    })
    const listed = await user.callTool('listFiles', { path: 'users/user' })
    const entries = (listed.structured as { entries: readonly { path: string }[] }).entries
    expect(entries.map((entry) => entry.path)).toContain(path)
  })

  test('listFiles shows the way to what is open, and nothing else', async () => {
    const { structured } = await (await client('readonly')).callTool('listFiles', { path: '', depth: 3 })
    const entries = (structured as { entries: readonly { path: string }[] }).entries
    expect(entries.map((entry) => entry.path)).toEqual([
      'docs',
      'docs/guide',
      'docs/guide/start.md',
      'docs/handbook.md',
      'public',
      'public/a.txt',
      'public/news.md',
    ])
  })

  test('a denied call says why', async () => {
    const { isError, text } = await (await client('readonly')).callTool('readFile', { path: '/private/plans.txt' })
    expect({ isError, text: text.replace(UUID, '<id>') }).toEqual({
      isError: true,
      text: 'Denied by policy: A path lies outside what the caller may use [paths.outside] (decision <id>)',
    })
  })

  test('a hidden tool is unknown', async () => {
    const readonly = await client('readonly')
    const message = (name: string) =>
      readonly.callTool(name, { path: 'public/a.txt', content: '' }).then(
        () => 'answered',
        (error: { code: number; message: string }) => `${error.code} ${error.message}`,
      )
    const hidden = await message('writeFile')
    expect(hidden).toContain('Unknown tool: writeFile')
    expect(hidden.replace('writeFile', 'noSuchTool')).toBe(await message('noSuchTool'))
  })

  test('a bad token is refused', async () => {
    await expect(connect(server.url, 'bad')).rejects.toThrow()
  })
})

test('32 clients of both eras at once get each its own answers', async () => {
  const users = ['admin', 'user', 'readonly'] as const
  for (const name of users) await writeFile(join(machine.workspace, `users/${name}/me.txt`), `I am ${name}`)
  await writeFile(join(machine.workspace, 'public/me.txt'), 'I am everybody')
  const own: Record<Role, string> = {
    admin: 'users/admin/me.txt',
    user: 'users/user/me.txt',
    readonly: 'public/me.txt',
  }
  const answered = Array.from({ length: 32 }, async (_, n) => {
    const role = users[n % users.length] ?? 'readonly'
    const connect = CLIENTS[n % 2]?.connect ?? connectLegacy
    const client = await connect(server.url, tokenOf(role))
    const tools = await client.listTools()
    const mine = await client.callTool('readFile', { path: own[role] })
    const theirs = await client.callTool('readFile', { path: 'users/admin/me.txt' })
    await client.close()
    return { role, tools: tools.length, mine: contentOf(mine.structured), theirs: contentOf(theirs.structured) }
  })
  const expected = Array.from({ length: 32 }, (_, n) => {
    const role = users[n % users.length] ?? 'readonly'
    return {
      role,
      tools: role === 'readonly' ? 2 : 4,
      mine: role === 'readonly' ? 'I am everybody' : `I am ${role}`,
      theirs: role === 'admin' ? 'I am admin' : undefined,
    }
  })
  expect(await Promise.all(answered)).toEqual(expected)
})

const contentOf = (structured: unknown) => (structured as { content?: string } | undefined)?.content

describe('a client that speaks for itself', () => {
  const post = (message: object, headers: Record<string, string> = {}) =>
    fetch(server.url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf('readonly')}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    })

  const resultOf = async (response: Response) => JSON.parse(await response.text()).result

  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('%s', async (version) => {
    const clientInfo = { name: 'raw', version: '1' }
    const params = { protocolVersion: version, capabilities: {}, clientInfo }
    const opened = await post({ id: 1, method: 'initialize', params })
    expect(opened.headers.get('mcp-session-id')).toBeNull()
    expect(await resultOf(opened)).toMatchObject({ protocolVersion: version, capabilities: { tools: {} } })
    const header: Record<string, string> = version < '2025-06-18' ? {} : { 'mcp-protocol-version': version }
    expect((await post({ method: 'notifications/initialized' }, header)).status).toBe(202)
    const listed = await resultOf(await post({ id: 2, method: 'tools/list' }, header))
    expect(listed.tools.map(({ name }: { name: string }) => name)).toEqual(['readFile', 'listFiles'])
    const call = { id: 3, method: 'tools/call', params: { name: 'readFile', arguments: { path: 'docs/handbook.md' } } }
    const called = await resultOf(await post(call, header))
    expect(called.structuredContent.content).toContain('# Handbook')
  })
})

test('what happened is on the log: a line for each refusal, two for each call', async () => {
  // a line may come after the answer, never after the end
  expect(await server.stop()).toBe(0)
  const records = await machine.records()
  const decisions = records.filter(({ kind }) => kind === 'decision')
  const outcomes = records.filter(({ kind }) => kind === 'outcome').map(({ decision_id }) => decision_id)
  const permitted = decisions.filter(({ refusal }) => refusal === undefined).map(({ decision_id }) => decision_id)
  expect(outcomes.toSorted()).toEqual(permitted.toSorted())
  expect(new Set(decisions.map(({ decision_id }) => decision_id)).size).toBe(decisions.length)
  const text = await readFile(machine.log, 'utf8')
  for (const token of tokens.values()) expect(text).not.toContain(token.slice(-40))
  expect(text).not.toContain('I am admin')
})
