import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { root } from '../policy/tools.ts'
import { createSigner, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import {
  contentOf,
  exhaustedLimit,
  expectAnswer,
  noDecision,
  quotaUnavailable,
  rateLimited,
  readable,
  UNAUTHORIZED,
  unknownTool,
} from './expected.ts'
import type { Caller, Scene } from './scene.ts'
import { CONTENT, claimsOf, HEADER, startServer } from './server.ts'

const policyFile = (path: string) => readFileSync(join(root, 'policies/mcp', path, 'data.yaml'), 'utf8')
const read = (scene: Scene, as: Caller) => scene.call('readFile', { path: 'public/ok.txt' }, { as })

const exhausted = (limit: number) => ({
  status: 200,
  isError: true,
  code: 'quota_exhausted',
  name: 'readFile per minute',
  limit,
  retries: true,
})

const perMinute = (limit: number | string, burst: number) =>
  `{ per_minute: { limit: ${limit}, burst: ${burst} }, per_day: { limit: 1000 }, concurrent: { limit: 4, lease: 60 }, max_bytes: 65536 }`

/** The default roles and further ones that read public, each with the plan it names. */
const rolesWith = (plans: Readonly<Record<string, string | undefined>>) => ({
  'mcp/roles/data.yaml': `${policyFile('roles')}\n${Object.entries(plans)
    .map(([role, plan]) => {
      const named = plan === undefined ? '' : `plan: ${plan}, rank: 1, `
      return `${role}: { ${named}tools: [readFile], may_write: false, paths: { read: [[public]], write: [] } }\n`
    })
    .join('')}`,
  'mcp/inherits/data.yaml': `${policyFile('inherits')}\n${Object.keys(plans)
    .map((role) => `${role}: []\n`)
    .join('')}`,
})

describe('a store with room for a hundred limits', () => {
  const attack = attacksOn({ config: { quota: { max_keys: 100 } }, smallStore: true })

  attack('E-014', async (scene) => {
    const keys = async () => (await scene.server.portcullis.readiness())['limits'] as unknown as { keys: number }
    const answers = []
    for (let n = 0; n < 400; n += 8) {
      const some = Array.from({ length: 8 }, async (_, at) =>
        read(scene, await scene.caller({ sub: `many-${n + at}` })),
      )
      answers.push(...(await Promise.all(some)).map(readable))
    }
    const served = answers.filter(({ headers }) => !('retry-after' in headers))
    // three limits a subject; only those of which nothing is taken any more make room
    expect(served.length).toBeGreaterThanOrEqual(32)
    expect(served.length).toBeLessThan(98)
    expect(served).toEqual(new Array(served.length).fill(contentOf(CONTENT)))
    const others = answers.filter((answer) => !served.includes(answer))
    expect(others).toEqual(new Array(400 - served.length).fill(quotaUnavailable()))
    for (let n = 0; n < 400; n += 8) {
      const some = Array.from({ length: 8 }, (_, at) => scene.call(`unknown-${n + at}`, {}))
      expect((await Promise.all(some)).map(readable)).toEqual(
        Array.from({ length: 8 }, (_, at) => unknownTool(`unknown-${n + at}`)),
      )
    }
    expect((await keys()).keys).toBeLessThanOrEqual(100)
    // for whoever was here before there is room again, as soon as what the others took of their rates has drained
    const probe = await scene.caller({ sub: 'probe' })
    const deadline = performance.now() + 20_000
    let answer = readable(await read(scene, probe))
    while ('retry-after' in answer.headers && performance.now() < deadline) answer = readable(await read(scene, probe))
    expect(answer).toEqual(contentOf(CONTENT))
  })
})

const other = await createSigner('ES256', 'k1')
const OTHER_ISSUER = 'https://other-issuer.example'

const bad = { sub: 'nobody', token: 'x.y.z' }

describe('small buckets of addresses', () => {
  const attack = attacksOn({
    config: { limits: { per_address: { per_second: 1, burst: 50 } }, trusted_proxies: ['127.0.0.4', '10.9.0.0/16'] },
  })

  const CHAINS: readonly (readonly [forwarded: string | undefined, counted: string])[] = [
    [undefined, '127.0.0.4'],
    ['203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.9.1.1', '203.0.113.7'],
    ['203.0.113.7, nonsense', '127.0.0.4'],
    ['nonsense, 203.0.113.7', '203.0.113.7'],
    ['', '127.0.0.4'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ]
  attack(
    'P-010',
    async (scene) => {
      for (const [forwarded] of CHAINS) {
        const headers = forwarded === undefined ? [] : [['X-Forwarded-For', forwarded] as const]
        expectAnswer(await scene.post('{}', { as: bad, headers }), UNAUTHORIZED)
      }
    },
    {
      address: '127.0.0.4',
      logged: (lines) => expect(lines.map(({ address }) => address)).toEqual(CHAINS.map(([, counted]) => counted)),
    },
  )
  /** A few more than the burst get through while the bucket fills up again. */
  const expectFlooded = (statuses: readonly number[], status: number) => {
    const passed = statuses.filter((code) => code === status).length
    expect([passed >= 50, passed <= 60]).toEqual([true, true])
    expect(statuses.filter((code) => code !== status && code !== 429)).toEqual([])
  }

  attack(
    'E-016',
    async (scene) => {
      const statuses: number[] = []
      for (let n = 0; n < 150; n++) {
        const headers = [
          ['X-Forwarded-For', `10.${n}.1.1`],
          ['Forwarded', `for=10.${n}.1.1`],
          ['X-Real-IP', `10.${n}.1.1`],
        ] as const
        statuses.push((await scene.post('{"jsonrpc":"2.0","id":1,"method":"ping"}', { headers })).status)
      }
      expectFlooded(statuses, 200)
    },
    { address: '127.0.0.2' },
  )

  attack(
    'E-022',
    async (scene) => {
      const statuses: number[] = []
      for (let n = 0; n < 40; n++) {
        const some = Array.from({ length: 5 }, () => read(scene, bad))
        for (const answer of await Promise.all(some)) {
          expect([UNAUTHORIZED, rateLimited(1)]).toContainEqual(readable(answer))
          statuses.push(answer.status)
        }
      }
      expectFlooded(statuses, 401)
    },
    { address: '127.0.0.3' },
  )
})

describe('odd figures', () => {
  const roles = { once: 'once', none: 'none', huge: 'huge', fraction: 'fraction', planless: undefined }
  const plans = `${policyFile('plans')}
once: ${perMinute(1, 1)}
none: ${perMinute(0, 0)}
huge: ${perMinute(1e21, 1)}
fraction: ${perMinute(0.5, 0.5)}
`
  const attack = attacksOn({
    policies: { ...rolesWith(roles), 'mcp/plans/data.yaml': plans },
    secondIssuer: { issuer: OTHER_ISSUER, key: other.jwk },
  })

  attack('E-015', async (scene) => {
    const subs = [
      'a',
      'a:b',
      'a,b',
      'a"',
      '["a"]',
      'a\\',
      'a ',
      ' a',
      'A',
      'Alice',
      'alice',
      'caf\u00e9',
      'cafe\u0301',
      'ａ',
      'a/b',
      '%61',
      'null',
    ]
    const callers = await Promise.all(subs.map((sub) => scene.caller({ sub, roles: ['once'] })))
    const claims = { ...claimsOf({ sub: 'alice', roles: ['once'] }), iss: OTHER_ISSUER }
    const abroad = { sub: 'alice', token: await sign(other, HEADER, claims) }
    for (const as of [...callers, abroad]) expectAnswer(await read(scene, as), contentOf(CONTENT))
    for (const as of [...callers, abroad]) expect(exhaustedLimit(await read(scene, as))).toEqual(exhausted(1))
    // another token, client or address of the same subject opens no new bucket
    const again = await scene.token({
      ...claimsOf({ sub: 'alice', roles: ['once'] }),
      jti: '2',
      client_id: 'another',
    })
    expect(exhaustedLimit(await read(scene, { sub: 'alice', token: again }))).toEqual(exhausted(1))
  })

  attack('E-018', async (scene) => {
    const caller = (role: string) => scene.caller({ sub: role, roles: [role] })
    expect(exhaustedLimit(await read(scene, await caller('none')))).toEqual(exhausted(0))
    expectAnswer(await read(scene, await caller('huge')), noDecision())
    expect(exhaustedLimit(await read(scene, await caller('fraction')))).toEqual(exhausted(0.5))
    for (const figure of ['-1', '.nan']) {
      const started = startServer({ policies: { 'mcp/plans/data.yaml': `${plans}\nodd: ${perMinute(figure, 1)}` } })
      await expect(started).rejects.toThrow(/^policy .*(odd\.per_minute\.limit is -1|unsupported value)/)
    }
  })

  attack('E-019', async (scene) => {
    const as = await scene.caller({ sub: 'planless', roles: ['planless'] })
    for (let n = 0; n < 5; n++) expectAnswer(await read(scene, as), contentOf(CONTENT))
    expect(exhaustedLimit(await read(scene, as))).toEqual(exhausted(20))
  })
})

describe('plans without a default', () => {
  const plans = policyFile('plans').replace(/^default:/m, 'another:')
  const policies = { ...rolesWith({ planless: undefined }), 'mcp/plans/data.yaml': plans }
  const attack = attacksOn({ policies })

  attack('E-019', async (scene) => {
    const as = await scene.caller({ sub: 'planless', roles: ['planless'] })
    expectAnswer(await read(scene, as), unknownTool('readFile'))
    expect(readable(await scene.rpc('tools/list', {}, { as })).body).toMatchObject({ result: { tools: [] } })
    const wrong = { ...policies, 'mcp/plans/data.yaml': `${plans}\ntext: ${perMinute('"10"', 1)}\n` }
    await expect(startServer({ policies: wrong })).rejects.toThrow('text.per_minute.limit is "10"')
  })
})
