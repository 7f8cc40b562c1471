import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { policyBundle, rule, TEST_ADDITIONS } from './policy.ts'
import { type Answer, DECISION, openWorld, stopClocks, type World } from './world.ts'

beforeAll(stopClocks)

/** The test policy, and one more rule that closes reading to everyone. */
const CLOSED = {
  ...TEST_ADDITIONS,
  ...rule('closed', 'Nobody reads today', 'deny_call contains _reason if input.resource.id == "readFile"\n'),
}
/** And one that shuts out the administrators. */
const LOCKED = {
  ...TEST_ADDITIONS,
  ...rule('locked', 'Nobody administers', 'deny contains _reason if input.resource.type == "policy"\n'),
}
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bundleOf = async (additions: Readonly<Record<string, string>>) => {
  const bytes = await readFile(await policyBundle(additions))
  return { bytes, sha256: digest(bytes) }
}

let base: Awaited<ReturnType<typeof bundleOf>>
let closed: Awaited<ReturnType<typeof bundleOf>>
let locked: Awaited<ReturnType<typeof bundleOf>>
beforeAll(async () => {
  base = await bundleOf(TEST_ADDITIONS)
  closed = await bundleOf(CLOSED)
  locked = await bundleOf(LOCKED)
}, 60_000)

const worlds: World[] = []
afterAll(() => Promise.all(worlds.map((world) => world.close())))
async function open(settings: object = {}) {
  const world = await openWorld({ admin: { enabled: true }, ...settings })
  worlds.push(world)
  return { world, ...callers(world, await world.token({ sub: 'ann', roles: ['admin'], scope: 'mcp:admin' })) }
}

type Body = NonNullable<RequestInit['body']>
type Sent = { readonly token?: string | undefined; readonly headers?: Record<string, string>; readonly body?: Body }

function callers(world: World, token: string) {
  const ask = (line: string, sent: Sent = {}): Promise<Answer> => {
    const [method = '', path = ''] = line.split(' ')
    const own = 'token' in sent ? sent.token : token
    const headers = { ...(own !== undefined && { authorization: `Bearer ${own}` }), ...sent.headers }
    return world.fetch(path, { method, headers, ...(sent.body !== undefined && { body: sent.body }) })
  }
  const check = (bytes: Body, sent: Sent = {}) =>
    ask('POST /admin/policies/check', { headers: { 'content-type': 'application/gzip' }, body: bytes, ...sent })
  const activate = (sha256: string, sent: Sent = {}) =>
    ask('POST /admin/policies/activate', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sha256 }),
      ...sent,
    })
  const rollback = (sent: Sent = {}) => ask('POST /admin/policies/rollback', sent)
  const status = async () => {
    const { active, previous, candidate } = (await ask('GET /admin/policies')).body as Record<
      'active' | 'previous' | 'candidate',
      { sha256: string } | undefined
    >
    return { active: active?.sha256, previous: previous?.sha256, candidate: candidate?.sha256 }
  }
  const read = async () => {
    const { body } = await world.call('readFile', { path: 'public/a.txt' })
    return (body as { result: { isError?: true } }).result.isError === true ? 'refused' : 'read'
  }
  return { ask, check, activate, rollback, status, read }
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
}

describe('administration', () => {
  test('checks, activates and rolls back, and records who did', async () => {
    const { world, ask, check, activate, rollback, status, read } = await open()
    expect(await status()).toEqual({ active: base.sha256, previous: undefined, candidate: undefined })

    const checked = await check(closed.bytes)
    expect({ status: checked.status, body: checked.body }).toEqual({
      status: 200,
      body: { candidate: expect.objectContaining({ sha256: closed.sha256 }) },
    })
    expect([await read(), await status()]).toEqual([
      'read',
      { active: base.sha256, previous: undefined, candidate: closed.sha256 },
    ])

    const activated = await activate(closed.sha256)
    expect({ status: activated.status, body: activated.body }).toEqual({
      status: 200,
      body: { active: expect.objectContaining({ sha256: closed.sha256 }) },
    })
    expect([await read(), await status()]).toEqual([
      'refused',
      { active: closed.sha256, previous: base.sha256, candidate: undefined },
    ])

    expect((await rollback()).body).toEqual({ active: expect.objectContaining({ sha256: base.sha256 }) })
    expect(await read()).toBe('read')
    expect(await ask('GET /admin/policies')).toMatchObject({ status: 200, headers: HEADERS })

    const outcomes = await world.outcomes()
    const done = (await world.decisions()).flatMap((record) => {
      const input = record.input as { action: { name: string }; resource: unknown; subject: { id: string } } | undefined
      if (!input?.action.name.startsWith('policy/') || input.action.name === 'policy/read') return []
      const outcome = outcomes.find(({ decision_id }) => decision_id === record.decision_id)
      return [
        {
          action: input.action.name,
          resource: input.resource,
          who: input.subject.id,
          path: record.path,
          bundle: record.bundle?.sha256,
          outcome: outcome?.status,
        },
      ]
    })
    const resource = (args: object) => ({
      type: 'policy',
      id: 'files',
      properties: { server: 'files', arguments: args },
    })
    const common = { who: 'ann', path: 'mcp/main/decision', outcome: 'completed' }
    expect(done).toEqual([
      {
        ...common,
        action: 'policy/check',
        resource: resource({ bytes: closed.bytes.byteLength, sha256: closed.sha256 }),
        bundle: base.sha256,
      },
      { ...common, action: 'policy/activate', resource: resource({ sha256: closed.sha256 }), bundle: base.sha256 },
      { ...common, action: 'policy/rollback', resource: resource({}), bundle: closed.sha256 },
    ])
  })

  test('a bundle that is none is refused with its faults, and nothing changes', async () => {
    const { world, check, status } = await open()
    const { status: code, headers, body } = await check('no bundle')
    expect({ code, headers, body }).toEqual({
      code: 422,
      headers: expect.objectContaining(HEADERS),
      body: {
        error: 'policy_refused',
        message: 'The bundle cannot be used',
        faults: [{ message: expect.stringContaining('gzip archive'), remedy: expect.any(String) }],
      },
    })
    expect(await status()).toEqual({ active: base.sha256, previous: undefined, candidate: undefined })
    expect((await world.outcomes())[0]).toMatchObject({ status: 'fault', fault: 'policy_refused' })
  })

  test('what is no candidate cannot be activated, and what was never in force not rolled back to', async () => {
    const { activate, rollback, status } = await open()
    for (const answer of [await activate('0'.repeat(64)), await rollback()]) {
      expect({ status: answer.status, body: answer.body }).toEqual({
        status: 409,
        body: {
          error: 'policy_unchanged',
          message: 'What was in force stays in force',
          faults: [{ message: expect.any(String), remedy: expect.any(String) }],
        },
      })
    }
    expect(await status()).toEqual({ active: base.sha256, previous: undefined, candidate: undefined })
  })

  test('of two activations at once one wins, and the other is told', async () => {
    const { check, activate, status } = await open()
    await check(closed.bytes)
    const answers = await Promise.all([activate(closed.sha256), activate(closed.sha256)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
    expect(await status()).toEqual({ active: closed.sha256, previous: base.sha256, candidate: undefined })
  })

  test('an activation that comes after another check names what is no candidate any more', async () => {
    const { check, activate, status } = await open()
    await check(closed.bytes)
    await check(locked.bytes)
    expect((await activate(closed.sha256)).status).toBe(409)
    expect(await status()).toEqual({ active: base.sha256, previous: undefined, candidate: locked.sha256 })
  })
})

const LINES = [
  'GET /admin/policies',
  'POST /admin/policies/check',
  'POST /admin/policies/activate',
  'POST /admin/policies/rollback',
  'GET /admin/shadow',
]
const typeOf = (line: string) => {
  if (line.endsWith('check')) return { headers: { 'content-type': 'application/gzip' }, body: 'x' }
  if (line.endsWith('activate')) {
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sha256: '0'.repeat(64) }) }
  }
  return {}
}

describe.each(LINES)('%s', (line) => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open()
  })
  const ask = (sent: Sent) => opened.ask(line, { ...typeOf(line), ...sent })

  test('needs a token', async () => {
    for (const token of [undefined, 'x.y.z']) {
      const { status, headers, body } = await ask({ token })
      expect({ status, body, challenge: headers['www-authenticate'] }).toEqual({
        status: 401,
        body: { error: 'unauthorized', message: 'A valid access token is required' },
        challenge: `Bearer ${token === undefined ? '' : 'error="invalid_token", '}resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"`,
      })
    }
  })

  test.each(['user', 'readonly', 'ample', 'nobody'])('is not for %s', async (role) => {
    const { world } = opened
    const token = await world.token({ sub: role, roles: [role], scope: 'mcp:admin mcp:write' })
    const { status, body, decisionIds } = await ask({ token })
    expect({ status, body }).toEqual({
      status: 403,
      body: {
        error: 'denied',
        message: 'Denied by policy',
        reasons: [{ code: 'main.no_permit', message: 'No rule permits this' }],
        decision_id: DECISION,
      },
    })
    const record = (await world.decisions()).at(-1)
    expect([record?.decision_id, record?.refusal, record?.stage]).toEqual([decisionIds[0], 'denied', 'decide'])
  })

  test("is not for the token of an administrator's MCP client", async () => {
    const token = await opened.world.token({ sub: 'ann', roles: ['admin'], scope: 'mcp:write' })
    const { status, headers, body } = await ask({ token })
    expect({ status, body, challenge: headers['www-authenticate'] }).toEqual({
      status: 403,
      body: {
        error: 'insufficient_scope',
        message: 'The access token lacks a scope that this operation needs',
        scopes: ['mcp:admin'],
        decision_id: DECISION,
      },
      challenge:
        'Bearer error="insufficient_scope", scope="mcp:admin", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    })
  })

  test.each([
    { name: 'a foreign host', headers: { host: 'evil.example' }, status: 403, error: 'host_not_allowed' },
    { name: 'a foreign page', headers: { origin: 'https://evil.example' }, status: 403, error: 'origin_not_allowed' },
    { name: 'a page without an origin', headers: { origin: 'null' }, status: 403, error: 'origin_not_allowed' },
    {
      name: 'an encoded body',
      headers: { 'content-encoding': 'gzip' },
      status: 415,
      error: 'unsupported_media_type',
    },
    {
      name: 'a body that says it is huge',
      headers: { 'content-length': '999999999999' },
      status: 413,
      error: 'body_too_large',
    },
  ])('refuses $name', async ({ headers, status, error }) => {
    const answer = await ask({ headers: { ...typeOf(line).headers, ...headers } })
    expect({ status: answer.status, error: (answer.body as { error: string }).error }).toEqual({ status, error })
  })
})

describe('administration that is off', () => {
  test.each(LINES)('%s is a path at which there is nothing', async (line) => {
    const { world, ask } = await open({ admin: { enabled: false } })
    const [method = ''] = line.split(' ')
    const { status, headers, text } = await ask(line)
    const unknown = await world.fetch('/nothing', { method })
    expect({ status, headers, text }).toEqual({
      status: unknown.status,
      headers: unknown.headers,
      text: unknown.text,
    })
    expect(status).toBe(404)
  })
})

const MAX_BYTES = 1_048_576

describe('a body that is wrong', () => {
  let opened: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    opened = await open({ policy: { max_bytes: MAX_BYTES } })
  })

  test('a bundle larger than is taken, whatever it says of its size', async () => {
    const stream = new Blob([new Uint8Array(MAX_BYTES + 1)]).stream()
    const sent = { headers: { 'content-type': 'application/gzip' }, body: stream, duplex: 'half' } as Sent
    const token = await opened.world.token({ sub: 'ann', roles: ['admin'], scope: 'mcp:admin' })
    const answers = [
      await opened.check(new Uint8Array(MAX_BYTES + 1)),
      await opened.world.fetch('/admin/policies/check', {
        method: 'POST',
        duplex: 'half',
        headers: { ...sent.headers, authorization: `Bearer ${token}` },
        body: stream,
      }),
    ]
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({
        status: 413,
        body: { error: 'body_too_large', message: 'The request body is too large' },
      })
    }
  })

  test.each([
    { who: 'has no token', status: 401, token: async () => undefined },
    {
      who: 'may do nothing with it',
      status: 403,
      token: (world: World) => world.token({ sub: 'eve', roles: ['user'], scope: 'mcp:admin' }),
    },
  ])('is not read of somebody who $who', async ({ status, token }) => {
    const { world } = opened
    const sent = await token(world)
    let pulled = 0
    const body = new ReadableStream(
      {
        pull: (controller) => {
          pulled += 1
          controller.enqueue(new Uint8Array(1024))
        },
      },
      { highWaterMark: 0 },
    )
    const answer = await world.fetch('/admin/policies/check', {
      method: 'POST',
      duplex: 'half',
      headers: { 'content-type': 'application/gzip', ...(sent !== undefined && { authorization: `Bearer ${sent}` }) },
      body,
    })
    expect({ status: answer.status, pulled }).toEqual({ status, pulled: 0 })
  })

  test.each([
    {
      name: 'of another type',
      headers: { 'content-type': 'text/plain' },
      body: '{}',
      status: 415,
      error: 'unsupported_media_type',
    },
    {
      name: 'no JSON',
      headers: { 'content-type': 'application/json' },
      body: '{',
      status: 400,
      error: 'malformed_json',
    },
    {
      name: 'another JSON',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      status: 400,
      error: 'invalid_request',
    },
  ])('$name', async ({ headers, body, status, error }) => {
    const answer = await opened.ask('POST /admin/policies/activate', { headers, body })
    expect({ status: answer.status, error: (answer.body as { error: string }).error }).toEqual({ status, error })
  })
})

test('monitor mode lets nobody administer who may not', async () => {
  const { world, ask, rollback } = await open({ enforce: false })
  const token = await world.token({ sub: 'eve', roles: ['user'], scope: 'mcp:admin' })
  expect([(await ask('GET /admin/policies', { token })).status, (await rollback({ token })).status]).toEqual([403, 403])
})

test('floods are stopped at the same buckets', async () => {
  const { ask } = await open({ limits: { per_subject: { per_second: 1, burst: 2 } } })
  const answers = [await ask('GET /admin/policies'), await ask('GET /admin/policies'), await ask('GET /admin/shadow')]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
})

test('metrics count administration by its action', async () => {
  const { world, ask } = await open()
  await ask('GET /admin/policies')
  await world.outcomes()
  const { text } = await world.fetch('/metrics')
  expect(text).toContain(
    'portcullis_decisions_total{effect="permit",code="permitted",method="policy/read",enforced="true"} 1',
  )
})
