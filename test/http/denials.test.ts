import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { denied, JSON_HEADERS, rpcError, rpcResult, toolError } from './answers.ts'
import { blockLog, UNWRITABLE_LOG } from './rows/record.ts'
import { type Answer, DECISION, type Era, openWorld, type Sent, stopClocks, type World } from './world.ts'

beforeAll(stopClocks)

const ERAS: readonly { era: Era; sent: Sent }[] = [
  { era: 'legacy', sent: {} },
  { era: 'modern', sent: { era: 'modern' } },
]
const OUTSIDE = 'A path lies outside what the caller may use'

const as = (world: World, role: string) => world.token({ sub: role, roles: [role] })
const outside = (world: World, sent: Sent) => world.call('readFile', { path: 'private/plans.txt' }, sent)
const list = async (world: World, sent: Sent, role: string) =>
  world.send({ ...sent, method: 'tools/list', token: await as(world, role) })

describe('denials.http_status', () => {
  let world: World
  let unrecorded: World
  beforeAll(async () => {
    const audited = { denials: { http_status: true } }
    world = await openWorld(audited)
    unrecorded = await openWorld({ ...UNWRITABLE_LOG, ...audited }, { prepare: blockLog })
  })
  afterAll(async () => {
    await Promise.all([world.close(), unrecorded.close()])
  })

  type Case = { code: string; status: number; send: (world: World, sent: Sent) => Promise<Answer> }
  const spend = async (world: World, sent: Sent) => {
    const token = await world.token({ sub: `rate-${sent.era}`, roles: ['rate-1'] })
    await world.call('readFile', { path: 'public/a.txt' }, { ...sent, token })
    return world.call('readFile', { path: 'public/a.txt' }, { ...sent, token })
  }
  const CASES: readonly Case[] = [
    { code: 'denied', status: 403, send: outside },
    { code: 'denied (a list)', status: 403, send: (world, sent) => list(world, sent, 'mute') },
    { code: 'quota_exhausted', status: 429, send: spend },
    { code: 'no_decision', status: 503, send: (world, sent) => list(world, sent, 'baffled') },
    { code: 'log_unavailable', status: 503, send: (_, sent) => list(unrecorded, sent, 'readonly') },
    { code: 'hidden', status: 200, send: (world, sent) => world.call('writeFile', {}, sent) },
    { code: 'unknown_tool', status: 200, send: (world, sent) => world.call('nothing', {}, sent) },
    { code: 'invalid_arguments', status: 200, send: (world, sent) => world.call('readFile', {}, sent) },
  ]
  const cases = CASES.flatMap((row) => ERAS.map((wire) => ({ ...row, ...wire })))

  test.each(cases)('$code on the $era wire is $status', async ({ send, sent, status }) => {
    expect((await send(world, sent)).status).toBe(status)
  })

  test.each(ERAS)('changes the status alone, on the $era wire', async ({ era, sent }) => {
    const { status, headers, body } = await outside(world, sent)
    expect({ status, headers, body }).toEqual({
      status: 403,
      headers: JSON_HEADERS,
      body: denied(era, OUTSIDE, 'paths.outside'),
    })
  })

  test('a notification stays without an answer', async () => {
    const { status, text } = await world.send({ id: null, method: 'notifications/nobody-knows' })
    expect({ status, text }).toEqual({ status: 202, text: '' })
  })
})

describe('denials.detail: minimal', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({ denials: { detail: 'minimal' } })
  })
  afterAll(() => world.close())

  test.each(ERAS)('keeps codes and titles of a call, on the $era wire', async ({ era, sent }) => {
    const { status, headers, body } = await outside(world, sent)
    const facts = { code: 'denied', decision_id: DECISION }
    expect({ status, headers, body }).toEqual({
      status: 200,
      headers: JSON_HEADERS,
      body: toolError(era, `Denied by policy (decision ${DECISION})`, facts),
    })
  })

  test.each(ERAS)('keeps those of a list, on the $era wire', async ({ sent }) => {
    const { body } = await list(world, sent, 'mute')
    const facts = { code: 'denied', decision_id: DECISION }
    expect(body).toEqual(rpcError(-31403, `Denied by policy (decision ${DECISION})`, facts))
  })

  test('the record says everything', async () => {
    await outside(world, {})
    expect((await world.decisions()).at(-1)?.result).toMatchObject({
      reasons: [{ code: 'paths.outside', message: OUTSIDE }],
    })
  })
})

describe('monitor mode', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld({ enforce: false })
  })
  afterAll(() => world.close())

  const content = ({ body }: Answer) =>
    (body as { result: { structuredContent?: { content: string } } }).result.structuredContent?.content
  const last = async () => {
    const { enforced, refusal, result, decision_id } = (await world.decisions()).at(-1) ?? {}
    const outcome = (await world.outcomes()).find((record) => record.decision_id === decision_id)
    return { enforced, refusal, effect: (result as { effect?: string })?.effect, outcome: outcome?.status }
  }

  test.each(ERAS)('a denied call passes, and its record says so, on the $era wire', async ({ sent }) => {
    expect(content(await outside(world, sent))).toBe('canary\n')
    expect(await last()).toEqual({ enforced: false, refusal: 'denied', effect: 'deny', outcome: 'completed' })
  })

  test('so does a call of a hidden tool', async () => {
    const args = { path: 'public/new.txt', content: 'x' }
    expect((await world.call('writeFile', args, { era: 'modern' })).body).toMatchObject({
      result: { structuredContent: { bytes: 1, created: true } },
    })
    expect(await last()).toEqual({ enforced: false, refusal: 'hidden', effect: 'deny', outcome: 'completed' })
  })

  test('so does one without the scope', async () => {
    const token = await world.token({ sub: 'u', roles: ['user'], scope: 'mcp:read' })
    await world.call('writeFile', { path: 'public/scope.txt', content: 'x' }, { token })
    expect(await last()).toEqual({
      enforced: false,
      refusal: 'insufficient_scope',
      effect: 'deny',
      outcome: 'completed',
    })
  })

  test('so does one beyond a limit', async () => {
    const token = await as(world, 'rate-1')
    const read = () => world.call('readFile', { path: 'public/a.txt' }, { token })
    expect([content(await read()), content(await read())]).toEqual(['hello\n', 'hello\n'])
    expect(await last()).toEqual({
      enforced: false,
      refusal: 'quota_exhausted',
      effect: 'permit',
      outcome: 'completed',
    })
  })

  test('a list shows everything', async () => {
    const { body } = await world.send({ method: 'tools/list' })
    expect((body as { result: { tools: readonly object[] } }).result.tools).toHaveLength(9)
  })

  test('a call that policy permits is recorded as ever', async () => {
    await world.call('readFile', { path: 'public/a.txt' })
    expect(await last()).toEqual({
      enforced: undefined,
      refusal: undefined,
      effect: 'permit',
      outcome: 'completed',
    })
  })

  test.each<[string, (sent: Sent) => Promise<Answer>, object]>([
    ['wrong arguments', (sent) => world.call('readFile', {}, sent), { refusal: 'invalid_arguments' }],
    ['wrong arguments of a hidden tool', (sent) => world.call('writeFile', {}, sent), { refusal: 'invalid_arguments' }],
    ['an unknown tool', (sent) => world.call('nothing', {}, sent), { refusal: 'unknown_tool' }],
    [
      'what cannot be decided',
      async (sent) => world.call('readFile', { path: 'x' }, { ...sent, token: await as(world, 'confused') }),
      { refusal: 'no_decision' },
    ],
    [
      'what is too large to be decided, also of a hidden tool',
      (sent) => world.call('count', { numbers: new Array(20_001).fill(1) }, sent),
      { refusal: 'input_too_large' },
    ],
    ['a missing token', (sent) => world.send({ ...sent, token: undefined }), { refusal: 'token_missing' }],
  ])('never lets pass %s', async (_, send, expected) => {
    await send({})
    expect(await last()).toMatchObject({ ...expected, enforced: undefined, outcome: undefined })
  })

  test('is a figure in the metrics', async () => {
    const { text } = await world.fetch('/metrics')
    expect(text).toContain('\nportcullis_enforcing 0\n')
    expect(text).toMatch(/code="denied",method="tools\/call",enforced="false"} 2\n/)
  })

  test('keeps workspace and protocol as they are', async () => {
    const { body } = await outside(world, { headers: { 'mcp-protocol-version': undefined } })
    expect(body).toEqual(
      rpcResult('legacy', {
        content: [{ type: 'text', text: JSON.stringify({ content: 'canary\n', encoding: 'utf8', size: 7 }) }],
        structuredContent: { content: 'canary\n', encoding: 'utf8', size: 7 },
      }),
    )
  })
})
