import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ENVELOPE, JSON_HEADERS, rpcResult, toolFault, toolResult } from './answers.ts'
import { type Answer, type Era, NAME, openWorld, type Sent, stopClocks, VERSION, type World } from './world.ts'

const INSTRUCTIONS = 'Policy decides what is shown and run here. A refusal names its reason and a decision id.'
const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const
const ERAS: readonly { era: Era; sent: Sent; headers: object }[] = [
  { era: 'legacy', sent: {}, headers: JSON_HEADERS },
  { era: 'modern', sent: { era: 'modern' }, headers: JSON_HEADERS },
]

let world: World
beforeAll(async () => {
  stopClocks()
  world = await openWorld()
})
afterAll(() => world.close())

const wireOf = ({ status, headers, body }: Answer) => ({ status, headers, body })
const namesOf = ({ body }: Answer) =>
  (body as { result: { tools: readonly { name: string }[] } }).result.tools.map(({ name }) => name)

describe('the legacy handshake', () => {
  test.each([
    ...LEGACY_VERSIONS.map((asked) => ({ asked, given: asked })),
    { asked: '2026-07-28', given: '2025-11-25' },
    { asked: '1999-01-01', given: '2025-11-25' },
  ])('$asked is answered with $given', async ({ asked, given }) => {
    const params = { protocolVersion: asked, capabilities: {}, clientInfo: { name: 'c', version: '1' } }
    const answer = await world.send({ method: 'initialize', params })
    expect(wireOf(answer)).toEqual({
      status: 200,
      headers: JSON_HEADERS,
      body: rpcResult('legacy', {
        protocolVersion: given,
        capabilities: { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} },
        serverInfo: { name: NAME, version: VERSION },
        instructions: INSTRUCTIONS,
      }),
    })
  })

  test.each([...LEGACY_VERSIONS, undefined])('a later message may say %s in its header', async (version) => {
    const answer = await world.send({ method: 'ping', headers: { 'mcp-protocol-version': version } })
    expect(wireOf(answer)).toEqual({ status: 200, headers: JSON_HEADERS, body: rpcResult('legacy', {}) })
  })
})

test('server/discover says what is served', async () => {
  const { status, headers, body } = await world.send({ era: 'modern', method: 'server/discover' })
  expect({ status, headers, body }).toEqual({
    status: 200,
    headers: JSON_HEADERS,
    body: rpcResult('modern', {
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      },
      instructions: INSTRUCTIONS,
      ttlMs: 0,
      cacheScope: 'private',
    }),
  })
})

describe.each(ERAS)('on the $era wire', ({ era, sent, headers }) => {
  test('a list holds what the caller may call', async () => {
    expect(namesOf(await world.send({ ...sent, method: 'tools/list' }))).toEqual(['readFile', 'listFiles'])
  })

  test('a tool answers text and structure', async () => {
    const answer = await world.call('readFile', { path: '/docs/guide.md' }, sent)
    const body = toolResult(era, { content: '# Guide\n', encoding: 'utf8', size: 8 })
    expect(wireOf(answer)).toEqual({ status: 200, headers, body })
  })

  test('a fault of a tool is a result that a model reads', async () => {
    const answer = await world.call('readFile', { path: 'public/missing.txt' }, sent)
    expect(wireOf(answer)).toEqual({ status: 200, headers, body: toolFault(era, 'No such file or directory') })
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'fault', fault: 'not_found', charged: true })
  })

  test.each([0, -7, 'a', '', 'ü', Number.MAX_SAFE_INTEGER])('the id %j comes back as it was', async (id) => {
    const { body } = await world.send({ ...sent, id, method: 'tools/list' })
    expect(body).toMatchObject({ id })
  })

  test.each(['notifications/initialized', 'notifications/nobody-knows'])('%s has no answer', async (method) => {
    const answer = await world.send({ ...sent, id: null, method })
    const { 'content-type': _, ...headers } = JSON_HEADERS
    expect({ status: answer.status, headers: answer.headers, text: answer.text }).toEqual({
      status: 202,
      headers,
      text: '',
    })
    const refusal = method === 'notifications/nobody-knows' ? 'denied' : undefined
    expect((await world.decisions()).at(-1)?.refusal).toBe(refusal)
  })
})

test('a modern notification needs no headers of its own', async () => {
  const params = { requestId: 1, _meta: ENVELOPE }
  const answer = await world.send({ id: null, method: 'notifications/cancelled', params })
  expect(answer.status).toBe(202)
})

test('a list leaves out what cannot be decided, and counts it', async () => {
  const token = await world.token({ sub: 'c', roles: ['confused'] })
  expect(namesOf(await world.send({ method: 'tools/list', token }))).toEqual([])
  expect((await world.decisions()).at(-1)?.listed).toEqual({ asked: 9, shown: 0, indeterminate: 9 })
})

test('no answer ever names a session', async () => {
  const token = await world.token()
  const authorized = { authorization: `Bearer ${token}` }
  const answers = await Promise.all([
    world.send({
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
    }),
    world.send({ method: 'tools/list', headers: { 'mcp-session-id': 'mine' } }),
    world.send({ era: 'modern', method: 'tools/list' }),
    world.call('readFile', { path: 'public/a.txt' }),
    world.fetch('/mcp', { headers: authorized }),
    world.fetch('/mcp', { method: 'DELETE', headers: { ...authorized, 'mcp-session-id': 'mine' } }),
    world.fetch('/mcp'),
  ])
  expect(answers.map(({ status, headers }) => [status, headers['mcp-session-id']])).toEqual([
    [200, undefined],
    [200, undefined],
    [200, undefined],
    [200, undefined],
    [405, undefined],
    [405, undefined],
    [401, undefined],
  ])
})
