import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Era, openWorld, type Sent, type World } from './world.ts'

const ERAS: readonly Era[] = ['legacy', 'modern']
const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'
const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId'
const ASKABLE = { [VERSION_KEY]: '2026-07-28', [CAPABILITIES_KEY]: { elicitation: {} } }

let world: World
const tokens: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld({ tools: [fileURLToPath(new URL('./offered.ts', import.meta.url))] })
  for (const role of ['admin', 'partial', 'readonly']) tokens[role] = await world.token({ sub: role, roles: [role] })
  tokens['other'] = await world.token({ sub: 'other', roles: ['admin'] })
})
afterAll(() => world.close())

const ask = (role: string, era: Era, method: string, params: object, sent: Sent = {}) =>
  world.send({ era, method, params: params as Record<string, unknown>, token: tokens[role], ...sent })
const resultOf = async (...asked: Parameters<typeof ask>) =>
  ((await ask(...asked)).body as { result: Record<string, unknown> }).result

describe.each(ERAS)('on the %s wire', (era) => {
  test.each([
    ['prompts/list', 'prompts', 'name', { admin: ['broken', 'greet', 'secret'], partial: ['greet'], readonly: [] }],
    [
      'resources/list',
      'resources',
      'uri',
      { admin: ['test://notes/first', 'test://notes/second'], partial: ['test://notes/first'], readonly: [] },
    ],
    [
      'resources/templates/list',
      'resourceTemplates',
      'uriTemplate',
      { admin: ['test://notes/{id}/{part}'], partial: ['test://notes/{id}/{part}'], readonly: [] },
    ],
  ] as const)('%s shows each caller what it may have, for nobody to keep', async (method, member, key, shown) => {
    for (const [role, names] of Object.entries(shown)) {
      const { [member]: items, ...rest } = await resultOf(role, era, method, {})
      expect((items as Record<string, unknown>[]).map((item) => item[key])).toEqual(names)
      expect(rest).toMatchObject({ ttlMs: 0, cacheScope: 'private' })
    }
  })

  test('a prompt says what it takes', async () => {
    const { prompts } = await resultOf('partial', era, 'prompts/list', {})
    expect(prompts).toEqual([
      {
        name: 'greet',
        title: 'Of these tests',
        description: 'Of these tests',
        arguments: [{ name: 'who', description: 'Whom', required: true }],
      },
    ])
  })

  test('a prompt is written for who may have it, and that is on the log', async () => {
    const result = await resultOf('partial', era, 'prompts/get', { name: 'greet', arguments: { who: 'Ann' } })
    expect(result).toMatchObject({ messages: [{ role: 'user', content: { type: 'text', text: 'Hello, Ann' } }] })
    const last = (await world.decisions()).at(-1)
    expect(last?.input).toMatchObject({
      action: { name: 'prompts/get' },
      resource: { type: 'prompt', id: 'greet', properties: { server: 'files', read_only: true } },
    })
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'completed', charged: true })
  })

  test('the arguments of a prompt are checked, every fault at once', async () => {
    const { body } = await ask('partial', era, 'prompts/get', { name: 'greet', arguments: { whom: 1 } })
    expect(body).toMatchObject({
      error: {
        code: -32602,
        message: 'Invalid arguments: /who is required; /whom is not an argument of this prompt',
      },
    })
  })

  test('a prompt that breaks tells nothing of why', async () => {
    const { text, body } = await ask('admin', era, 'prompts/get', { name: 'broken' })
    expect(body).toMatchObject({ error: { code: -31502, message: 'The tool failed (decision <decision id>)' } })
    expect(text).not.toContain('hunter2')
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'failed', charged: true })
  })

  test.each([
    ['test://notes/first', 'test://notes/first', 'test://notes/first'],
    ['TEST://Notes/%66irst', 'test://notes/first', 'test://notes/first'],
    ['test://notes/a%20b/top', 'test://notes/a%20b/top', 'top of a b'],
  ])('%s is decided on and read as %s', async (uri, canonical, text) => {
    const { contents } = await resultOf('partial', era, 'resources/read', { uri })
    expect(contents).toEqual([{ uri: canonical, mimeType: 'text/plain', text }])
    const last = (await world.decisions()).at(-1)
    expect(last?.input).toMatchObject({ resource: { type: 'resource', id: canonical } })
  })

  test('a resource in parts, as policy sees it', async () => {
    await ask('partial', era, 'resources/read', { uri: 'test://notes/a%20b/top' })
    expect((await world.decisions()).at(-1)?.input).toMatchObject({
      resource: {
        properties: {
          uri: { scheme: 'test', host: 'notes', segments: ['a b', 'top'] },
          template: 'test://notes/{id}/{part}',
        },
      },
    })
  })

  const complete = (ref: object, name: string, value: string, given = {}) => ({
    ref,
    argument: { name, value },
    context: { arguments: given },
  })

  test.each([
    [complete({ type: 'ref/prompt', name: 'greet' }, 'who', 'al'), ['alice', 'alan']],
    [complete({ type: 'ref/prompt', name: 'greet' }, 'constructor', ''), []],
    [complete({ type: 'ref/resource', uri: 'test://notes/{id}/{part}' }, 'id', 'x', { part: 'top' }), ['x-top']],
  ])('an argument is completed: %j', async (params, values) => {
    const { completion } = await resultOf('partial', era, 'completion/complete', params)
    expect(completion).toEqual({ values, total: values.length, hasMore: false })
  })

  /** What is hidden from `partial`, and what is nowhere, in names of one length. */
  const pairs: readonly (readonly [string, object, object])[] = [
    ['prompts/get', { name: 'secret' }, { name: 'secres' }],
    ['prompts/get', { name: 'secret', arguments: { nonsense: 1 } }, { name: 'secres', arguments: { nonsense: 1 } }],
    ['resources/read', { uri: 'test://notes/second' }, { uri: 'test://notes/sekond' }],
    [
      'completion/complete',
      complete({ type: 'ref/prompt', name: 'secret' }, 'a', ''),
      complete({ type: 'ref/prompt', name: 'secres' }, 'a', ''),
    ],
  ]
  test.each(pairs)('%s: what is hidden answers like what is not there: %j', async (method, hidden, missing) => {
    const [a, b] = [await ask('partial', era, method, hidden), await ask('partial', era, method, missing)]
    const veiled = (text: string) => text.replaceAll(/secre[ts]|se[ck]ond/g, 'NAME')
    expect(a.status).toBe(b.status)
    expect(veiled(a.text)).toBe(veiled(b.text))
    expect(a.headers).toEqual(b.headers)
    expect(a.body).toMatchObject({ error: { code: method === 'resources/read' && era === 'legacy' ? -32002 : -32602 } })
    const [first, second] = (await world.decisions()).slice(-2)
    expect(first?.refusal).toBe('hidden')
    expect(second?.refusal).toBe(method === 'resources/read' ? 'unknown_resource' : 'unknown_prompt')
  })

  test('a cursor that names nothing shown is refused, whether that is hidden or nowhere', async () => {
    for (const name of ['secret', 'nowhere']) {
      const cursor = Buffer.from(name).toString('base64url')
      const { body } = await ask('partial', era, 'prompts/list', { cursor })
      expect(body).toMatchObject({ error: { code: -32602, message: 'Invalid cursor: begin at the first page' } })
    }
  })
})

describe('a call that asks for input', () => {
  const call = (what: string, more: object = {}) => ({ name: 'confirm', arguments: { what }, _meta: ASKABLE, ...more })
  const sure = { sure: { action: 'accept', content: {} } }
  const begin = async (role = 'admin', what = 'wipe') =>
    String((await resultOf(role, 'modern', 'tools/call', call(what)))['requestState'])

  test('is answered with a question, and ends with its answer', async () => {
    const asked = await resultOf('admin', 'modern', 'tools/call', call('wipe'))
    expect(asked).toMatchObject({
      resultType: 'input_required',
      inputRequests: { sure: { method: 'elicitation/create', params: { message: 'wipe?' } } },
      requestState: expect.any(String),
    })
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'input_required', charged: true })
    const { requestState } = asked
    const done = await resultOf('admin', 'modern', 'tools/call', call('wipe', { inputResponses: sure, requestState }))
    expect(done).toMatchObject({ resultType: 'complete', content: [{ type: 'text', text: 'Done' }] })
  })

  test.each([
    ['altered', (state: string) => ({ params: call('wipe', { inputResponses: sure, requestState: `${state}A` }) })],
    [
      'of other arguments',
      (state: string) => ({ params: call('keep', { inputResponses: sure, requestState: state }) }),
    ],
    [
      'of another caller',
      (state: string) => ({ role: 'other', params: call('wipe', { inputResponses: sure, requestState: state }) }),
    ],
  ] as const)('with state that is %s is refused before anything runs (C-078)', async (_, change) => {
    const { role = 'admin', params } = change(await begin()) as { role?: string; params: object }
    const outcomes = (await world.outcomes()).length
    const { status, body } = await ask(role, 'modern', 'tools/call', params)
    expect(status).toBe(200)
    expect(body).toMatchObject({ error: { code: -32602 } })
    expect((await world.decisions()).at(-1)).toMatchObject({ refusal: 'foreign_state', stage: 'decide' })
    expect(await world.outcomes()).toHaveLength(outcomes)
  })

  test('asks only what the client can be asked for', async () => {
    const meta = { ...ASKABLE, [CAPABILITIES_KEY]: { sampling: {} } }
    const { status, body } = await ask('admin', 'modern', 'tools/call', call('wipe', { _meta: meta }))
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: -32021, data: { requiredCapabilities: { elicitation: {} } } } })
  })

  test('that needs more than the client can be asked for never runs', async () => {
    const { status, body } = await ask('admin', 'modern', 'tools/call', { name: 'needsModel', arguments: {} })
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } } })
    expect((await world.decisions()).at(-1)).toMatchObject({ refusal: 'capability_missing' })
  })

  test('cannot be asked on the legacy wire, and says so', async () => {
    const result = await resultOf('admin', 'legacy', 'tools/call', { name: 'confirm', arguments: { what: 'wipe' } })
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('2026-07-28') }] })
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'fault', fault: 'input_unavailable' })
  })

  test.each([
    [{ inputResponses: null }, 'inputResponses must be an object of objects'],
    [{ inputResponses: { sure: 1 } }, 'inputResponses must be an object of objects'],
    [{ requestState: 5 }, 'requestState must be a string'],
  ])('answered with %j is no request', async (more, detail) => {
    const { status, body } = await ask('admin', 'modern', 'tools/call', call('wipe', more))
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: -32600, message: `Invalid request: ${detail}` } })
  })
})

describe('subscriptions/listen', () => {
  async function listen(role: string, notifications: object) {
    const leaving = new AbortController()
    const response = await world.portcullis.http.request('/mcp', {
      method: 'POST',
      headers: {
        host: 'mcp.example.com',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${tokens[role]}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 9,
        method: 'subscriptions/listen',
        params: { notifications, _meta: ASKABLE },
      }),
      signal: leaving.signal,
    })
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const next = async () => {
      while (!text.includes('\n\n')) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`the stream ended with ${JSON.stringify(text)}`)
        text += value
      }
      const [event = '', ...rest] = text.split('\n\n')
      text = rest.join('\n\n')
      return JSON.parse(event.split('data: ')[1] ?? '')
    }
    return { next, leave: () => reader.cancel() }
  }

  test('hears of what it may read, and of nothing else', async () => {
    const uris = ['test://notes/first', 'test://notes/second', 'test://nowhere']
    const { next, leave } = await listen('partial', { toolsListChanged: true, resourceSubscriptions: uris })
    const _meta = { [SUBSCRIPTION_KEY]: 9 }
    expect(await next()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['test://notes/first'] }, _meta },
    })
    await ask('admin', 'modern', 'tools/call', { name: 'announce', arguments: {} })
    expect([await next(), await next()]).toEqual([
      { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'test://notes/first', _meta } },
      { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta } },
    ])
    await leave()
  })
})

test('progress goes to who asked for it, before the answer', async () => {
  const _meta = { ...ASKABLE, progressToken: 'p' }
  const { text } = await ask('admin', 'modern', 'tools/call', { name: 'announce', arguments: {}, _meta })
  const [progress, answer] = text
    .split('\n')
    .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
  expect(progress).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 1, total: 2 },
  })
  expect(answer).toMatchObject({ id: 1, result: { content: [{ text: 'Told' }] } })
})
