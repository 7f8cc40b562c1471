import { afterAll, describe, expect, test } from '@jest/globals'
import { createProtocol, type Handlers } from '../../../src/mcp/protocol.ts'
import { LEGACY_VERSIONS } from '../../../src/mcp/versions.ts'
import type { Era, McpCall } from '../../../src/model/call.ts'
import type { Reply } from '../../../src/model/reply.ts'
import { callOf, initialize, listCall, messageOf, toolCall } from './permission.ts'

const INFO = { name: 'portcullis', version: '1.2.3', instructions: 'Ask' }
const protocol = createProtocol(INFO, () => undefined)
afterAll(() => protocol.close())

const serve = (call: McpCall, handlers: Handlers = {}) => protocol.serve(call, handlers, new AbortController().signal)
const message = async (call: McpCall, handlers?: Handlers) => messageOf(await serve(call, handlers))

async function eventsOf({ body }: Reply): Promise<readonly unknown[]> {
  const text = await new Response(body).text()
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
}

const ERAS: readonly Era[] = ['legacy', 'modern']
const SERVER_INFO = { name: 'portcullis', version: '1.2.3' }
const MODERN = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO } }
const ofEra = (era: Era, result: object) => ({
  jsonrpc: '2.0',
  id: 7,
  result: era === 'modern' ? { ...result, ...MODERN } : result,
})

const LEGACY = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} }
const MODERN_CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
}

describe('the handshake', () => {
  const answered = (protocolVersion: string) => ({
    jsonrpc: '2.0',
    id: 7,
    result: { protocolVersion, capabilities: LEGACY, serverInfo: SERVER_INFO, instructions: 'Ask' },
  })

  test.each(LEGACY_VERSIONS)('initialize with %s', async (version) => {
    expect(await message(initialize(version, version))).toEqual(answered(version))
  })

  test.each(['1999-01-01', '2026-07-28', ''])(
    'initialize with %j is answered with the newest legacy version',
    async (asked) => {
      expect(await message(initialize(asked, '2025-11-25'))).toEqual(answered('2025-11-25'))
    },
  )

  test('server/discover', async () => {
    expect(await message(callOf('modern', 'server/discover'))).toEqual(
      ofEra('modern', {
        supportedVersions: ['2026-07-28'],
        capabilities: MODERN_CAPABILITIES,
        instructions: 'Ask',
        ttlMs: 0,
        cacheScope: 'private',
      }),
    )
  })

  test.each(LEGACY_VERSIONS)('ping with %s', async (protocolVersion) => {
    expect(await message(callOf('legacy', 'ping', { protocolVersion }))).toEqual(ofEra('legacy', {}))
  })

  test.each(['', 'x', 0])('the id %j comes back', async (id) => {
    expect(await message(callOf('legacy', 'ping', { id }))).toEqual({ jsonrpc: '2.0', id, result: {} })
  })
})

describe.each(ERAS)('on the %s wire', (era) => {
  const tools = [{ name: 'readFile', inputSchema: { type: 'object' } }]

  test('a list is what it is given, and private (C-077)', async () => {
    const result = { tools, ttlMs: 0, cacheScope: 'private' }
    expect(await message(listCall(era), { answer: () => ({ result }) })).toEqual(ofEra(era, result))
  })

  test('a call is answered with its result', async () => {
    const result = { content: [{ type: 'text', text: 'hits' }], structuredContent: { hits: 1 } }
    expect(await message(toolCall(era), { answer: async () => ({ result }) })).toEqual(ofEra(era, result))
  })

  test.each(['é x', '=?base64?YQ==?=', '__proto__', 'a"b'])('a tool named %j reaches its handler', async (name) => {
    const result = { content: [] }
    expect(await message(toolCall(era, name), { answer: async () => ({ result }) })).toEqual(ofEra(era, result))
  })

  test('a call that nobody decided runs nothing', async () => {
    expect(await message(toolCall(era))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32603, message: 'nothing was decided' },
    })
  })

  test('requests that overlap keep to their own handlers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        message(toolCall(era), {
          answer: async () => {
            for (let i = 20 - at; i > 0; i--) await Promise.resolve()
            return { result: { content: [{ type: 'text', text: String(at) }] } }
          },
        }),
      ),
    )
    expect(answers).toEqual(
      Array.from({ length: 20 }, (_, at) => ofEra(era, { content: [{ type: 'text', text: String(at) }] })),
    )
  })

  test('what is sent before the answer makes a stream of both, with its headers', async () => {
    const params = { level: 'info', data: 'first' }
    const reply = await serve(toolCall(era), {
      answer: (notify) => {
        notify('notifications/message', params)
        return { result: { content: [{ type: 'text', text: 'hits' }] } }
      },
    })
    expect(reply.headers).toEqual({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    expect(await eventsOf(reply)).toEqual([
      { jsonrpc: '2.0', method: 'notifications/message', params },
      ofEra(era, { content: [{ type: 'text', text: 'hits' }] }),
    ])
  })

  test('headers are only those that frame the answer', async () => {
    const { status, headers } = await serve(toolCall(era), { answer: async () => ({ result: { content: [] } }) })
    expect(status).toBe(200)
    expect(headers).toEqual({ 'content-type': 'application/json' })
  })
})
