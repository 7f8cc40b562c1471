import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { edge } from './edge.ts'
import { blockLog, UNWRITABLE_LOG } from './rows/record.ts'
import { ISSUER, NAME, NOW, openWorld, type Preparations, stopClocks, toAnswer, type World } from './world.ts'

beforeAll(stopClocks)

const worlds: World[] = []
const open = async (settings: object = {}, preparations: Preparations = {}): Promise<World> => {
  const world = await openWorld(settings, preparations)
  worlds.push(world)
  return world
}
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
})

const readyz = async (world: World) => {
  const { status, body } = await world.fetch('/readyz')
  return { status, body: body as Record<string, { ready: boolean }> }
}
const notReady = (body: Record<string, { ready: boolean }>) =>
  Object.entries(body).flatMap(([part, { ready }]) => (ready === false ? [part] : []))

describe('/healthz', () => {
  test('says that the process answers', async () => {
    const { status, headers, body } = await (await open()).fetch('/healthz')
    expect({ status, type: headers['content-type'], body }).toEqual({
      status: 200,
      type: 'application/json',
      body: { status: 'ok' },
    })
  })
})

describe('/readyz', () => {
  test('shows every part', async () => {
    const world = await open()
    await world.call('readFile', { path: 'public/a.txt' })
    await world.outcomes()
    expect(await readyz(world)).toEqual({
      status: 200,
      body: {
        ready: true,
        policy: {
          ready: true,
          restarts: 0,
          indeterminate: 0,
          revision: expect.stringMatching(/^[0-9a-f]{16}$/),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          source: { kind: 'bundle', state: 'current', checked_at: NOW.toISOString(), age_seconds: 0 },
        },
        log: { ready: true, writable: true, buffered: 0, dropped: 0, suppressed: 0 },
        keys: { ready: true, issuers: [{ issuer: ISSUER, keys: 1, age_seconds: 0, error: null, ignored: [] }] },
        limits: { ready: true, available: true, keys: 3, max_keys: 100_000, local: 0, refused: 0 },
        enforcement: { ready: true, enforce: true },
      },
    })
  })

  test('a log that cannot be written', async () => {
    const world = await open(UNWRITABLE_LOG, { prepare: blockLog })
    await world.call('readFile', { path: 'public/a.txt' })
    const { status, body } = await readyz(world)
    expect({ status, parts: notReady(body) }).toEqual({ status: 503, parts: ['log'] })
    expect(body['log']).toMatchObject({ writable: false, last_error: expect.stringContaining('EISDIR') })
  })

  test('an issuer without keys', async () => {
    const world = await open({}, { prepare: (dir) => writeFile(join(dir, 'jwks.json'), '{"keys":[]}') })
    const { status, body } = await readyz(world)
    expect({ status, parts: notReady(body) }).toEqual({ status: 503, parts: ['keys'] })
    expect((await world.call('readFile', { path: 'public/a.txt' })).status).toBe(401)
  })

  test('a limit store without room', async () => {
    const world = await open({ quota: { max_keys: 100 } })
    for (let n = 0; n < 100; n++) {
      await world.send({ method: 'tools/list', token: await world.token({ sub: `s${n}`, roles: ['counted'] }) })
    }
    const { status, body } = await readyz(world)
    expect({ status, parts: notReady(body) }).toEqual({ status: 503, parts: ['limits'] })
    expect(body['limits']).toMatchObject({ available: false, keys: 100, max_keys: 100 })
  })

  test('a policy without an instance, as its part says', async () => {
    const policy = { ready: false, restarts: 2, last_cause: 'no instance ready' }
    const answer = await toAnswer(await edge({}, { policy, log: { ready: true } }).request('/readyz'))
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 503,
      body: { ready: false, policy, log: { ready: true } },
    })
  })

  test('an instance that broke is replaced, and counted', async () => {
    const world = await open()
    await world.call('readFile', { path: '' }, { token: await world.token({ roles: ['confused'] }) })
    const { body } = await readyz(world)
    expect(body['policy']).toMatchObject({
      ready: true,
      restarts: 1,
      indeterminate: 1,
      last_cause: 'mcp/rules/tests/confused/confused.rego:17:1: var assignment conflict',
    })
  })

  test('monitor mode shows', async () => {
    const world = await open({ enforce: false })
    expect((await readyz(world)).body['enforcement']).toEqual({ ready: true, enforce: false })
  })
})

test('/metrics counts what the records say', async () => {
  const world = await open()
  await world.call('readFile', { path: 'public/a.txt' })
  await world.call('readFile', { path: 'public/b.txt' })
  await world.call('readFile', { path: 'private/plans.txt' })
  await world.call('writeFile', {})
  await world.send({ method: 'tools/list' })
  await world.send({ method: `x${Math.random()}` })
  await world.send({ token: undefined })
  await world.call('readFile', { path: 'x' }, { token: await world.token({ sub: 'c', roles: ['confused'] }) })
  await world.outcomes()
  const { status, headers, text } = await world.fetch('/metrics')
  expect({ status, type: headers['content-type'] }).toEqual({
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
  })
  const lines = text.split('\n')
  const counted = (name: string) => lines.filter((line) => line.startsWith(name)).sort()
  expect(counted('portcullis_decisions_total{')).toEqual([
    'portcullis_decisions_total{effect="deny",code="denied",method="tools/call",enforced="true"} 1',
    'portcullis_decisions_total{effect="deny",code="hidden",method="tools/call",enforced="true"} 1',
    'portcullis_decisions_total{effect="indeterminate",code="no_decision",method="tools/call",enforced="true"} 1',
    'portcullis_decisions_total{effect="none",code="method_not_found",method="other",enforced="true"} 1',
    'portcullis_decisions_total{effect="none",code="token_missing",method="other",enforced="true"} 1',
    'portcullis_decisions_total{effect="permit",code="permitted",method="tools/call",enforced="true"} 2',
    'portcullis_decisions_total{effect="permit",code="permitted",method="tools/list",enforced="true"} 1',
  ])
  expect(counted('portcullis_outcomes_total{')).toEqual([
    'portcullis_outcomes_total{status="completed",charged="true"} 2',
    'portcullis_outcomes_total{status="fault",charged="true"} 1',
  ])
  const gauges = [
    ['policy_instance_restarts', 1],
    ['policy_indeterminate_decisions', 1],
    ['log_records_dropped', 0],
    ['log_records_suppressed', 0],
    ['log_records_waiting', 0],
    ['limit_keys', 3],
    ['limit_store_failures', 0],
    ['enforcing', 1],
  ]
  for (const [name, value] of gauges) expect(lines).toContain(`portcullis_${name} ${value}`)
  expect(counted('portcullis_step_duration_seconds_count{')).toEqual([
    'portcullis_step_duration_seconds_count{step="authenticate"} 8',
    'portcullis_step_duration_seconds_count{step="decide"} 6',
    'portcullis_step_duration_seconds_count{step="describe"} 6',
    'portcullis_step_duration_seconds_count{step="list"} 1',
    'portcullis_step_duration_seconds_count{step="meter"} 3',
    'portcullis_step_duration_seconds_count{step="parse"} 7',
  ])
  expect(counted('portcullis_run_duration_seconds_count')).toEqual(['portcullis_run_duration_seconds_count 3'])
})

describe('the protected resource metadata', () => {
  test.each(['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])(
    '%s is built from configuration, not from Host',
    async (path) => {
      const world = await open({ allowed_hosts: ['alias.example.com'] })
      const { status, headers, body } = await world.fetch(path, { headers: { host: 'alias.example.com' } })
      expect({ status, cache: headers['cache-control'], body }).toEqual({
        status: 200,
        cache: 'max-age=300',
        body: {
          resource: 'https://mcp.example.com/mcp',
          resource_name: NAME,
          authorization_servers: [ISSUER],
          scopes_supported: ['mcp:read'],
          bearer_methods_supported: ['header'],
        },
      })
    },
  )
})

test('guards hold for every path', async () => {
  const world = await open()
  for (const path of ['/healthz', '/readyz', '/metrics', '/.well-known/oauth-protected-resource']) {
    const foreign = await world.fetch(path, { headers: { host: 'evil.example' } })
    expect({ status: foreign.status, body: foreign.body }).toEqual({
      status: 403,
      body: { error: 'host_not_allowed', message: 'This host name is not served here' },
    })
    const page = await world.fetch(path, { headers: { origin: 'https://evil.example' } })
    expect(page.body).toEqual({ error: 'origin_not_allowed', message: 'This origin is not allowed' })
  }
})

describe('a browser page', () => {
  const CONSOLE = 'https://console.example.com'
  const preflight = (world: World, origin: string) =>
    world.fetch('/mcp', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,mcp-param-region',
      },
    })

  test('of an allowed origin may ask, send and read', async () => {
    const world = await open({ allowed_origins: [CONSOLE] })
    const { status, headers, text } = await preflight(world, CONSOLE)
    expect({ status, headers, text }).toEqual({
      status: 204,
      headers: {
        'access-control-allow-headers': 'authorization,mcp-param-region',
        'access-control-allow-methods': 'POST,GET',
        'access-control-allow-origin': CONSOLE,
        'access-control-expose-headers': 'WWW-Authenticate,Retry-After,RateLimit,RateLimit-Policy',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Headers',
      },
      text: '',
    })
    const call = { method: 'tools/list', headers: { origin: CONSOLE } }
    for (const answer of [await world.send(call), await world.send({ ...call, token: undefined })]) {
      expect(answer.headers['access-control-allow-origin']).toBe(CONSOLE)
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  test.each(['https://evil.example', 'null', `${CONSOLE}.evil.example`])('of %s may not', async (origin) => {
    const world = await open({ allowed_origins: [CONSOLE] })
    const { status, headers } = await preflight(world, origin)
    expect({ status, allowed: headers['access-control-allow-origin'] }).toEqual({ status: 204, allowed: undefined })
    const answer = await world.send({ method: 'tools/list', headers: { origin } })
    expect({ status: answer.status, allowed: answer.headers['access-control-allow-origin'] }).toEqual({
      status: 403,
      allowed: undefined,
    })
  })
})

test('whoever is revoked is refused', async () => {
  const world = await open(
    {},
    {
      prepare: async (dir) => {
        const revocations = join(dir, 'revocations.yaml')
        await writeFile(revocations, 'subjects: [{ id: mallory }]\n')
        return { revocations }
      },
    },
  )
  expect((await readyz(world)).body['revocations']).toEqual({ ready: true, entries: 1, error: null })
  const status = async (sub: string) => {
    const token = await world.token({ sub })
    return (await world.send({ method: 'tools/list', token })).status
  }
  expect([await status('mallory'), await status('alice')]).toEqual([401, 200])
})
