import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { type Machine, openMachine, type Server } from '../e2e/portcullis.ts'
import { environment, inspect, logInFor, programPath } from './program.ts'

jest.setTimeout(120_000)

let machine: Machine
let server: Server
let header: string
beforeAll(async () => {
  machine = await openMachine()
  server = await machine.serve()
  header = `Authorization: Bearer ${await machine.token('readonly')}`
})
afterAll(() => machine.remove())

const toolsOf = (result: unknown) => (result as { tools?: readonly { name: string }[] }).tools?.map(({ name }) => name)
/** Clients remember their logins: each test is another person's machine. */
const newHome = () => mkdtemp(join(machine.home, 'client-'))

describe.each(['legacy', 'auto', 'modern'])('MCP Inspector, --protocol-era %s', (era) => {
  const to = () => [String(server.url), '--transport', 'http', '--protocol-era', era]

  test('lists the tools with a token', async () => {
    const list = ['--method', 'tools/list', '--header', header]
    const { code, result } = await inspect(await newHome(), [...to(), ...list])
    expect({ code, tools: toolsOf(result) }).toEqual({ code: 0, tools: ['readFile', 'listFiles'] })
  })

  test('logs in from the URL alone, and calls a tool', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'readFile', '--tool-arg', 'path=users/user/notes.txt']
    const { code, result } = await inspect(await newHome(), [...to(), ...call], { user: 'user' })
    expect({ code, result }).toMatchObject({
      code: 0,
      result: { structuredContent: { content: 'The folder of user: read and write.\n' } },
    })
  })
})

describe.each(['legacy', 'auto'])('mcp-remote, --protocol %s', (protocol) => {
  const bridge = async (...args: readonly string[]) =>
    new StdioClientTransport({
      command: programPath('mcp-remote'),
      args: [String(server.url), '--transport', 'http-only', '--protocol', protocol, ...args],
      env: environment(await newHome()),
      stderr: 'pipe',
    })
  const hosts: Client[] = []
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()))
  })
  const connect = async (transport: StdioClientTransport, user?: string) => {
    const client = new Client({ name: 'stdio-host', version: '1.0.0' })
    hosts.push(client)
    const login = user === undefined ? undefined : logInFor(transport.stderr as Readable, { user })
    await Promise.all([client.connect(transport as Parameters<typeof client.connect>[0]), login])
    return client
  }

  test('lists the tools with a token', async () => {
    const client = await connect(await bridge('--header', header.replace(': ', ':')))
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['readFile', 'listFiles'])
  })

  test('logs in from the URL alone, and calls a tool', async () => {
    const client = await connect(await bridge(), 'admin')
    const called = await client.callTool({ name: 'readFile', arguments: { path: 'private/plans.txt' } })
    expect(called.structuredContent).toMatchObject({ content: 'Only admin reads this file.\n' })
  })
})
