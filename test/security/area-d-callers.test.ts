import { beforeAll, describe, expect, test } from '@jest/globals'
import { policyBundle } from '../http/policy.ts'
import { attacksOn } from './attack.ts'
import { catalogueEntry } from './catalogue.ts'
import {
  contentOf,
  denied,
  exhaustedLimit,
  expectAnswer,
  invalidRequest,
  NO_TOKEN,
  NOT_FOUND,
  readable,
  unknownTool,
} from './expected.ts'
import { eventually } from './invariants.ts'
import { bearer, type Caller, createScene, type Header, type Scene } from './scene.ts'
import { CONTENT, claimsOf, type LogLine, startServer } from './server.ts'

const TOOLS = ['readFile', 'listFiles', 'searchFiles', 'writeFile'] as const
const OK = { path: 'public/ok.txt' }
const BASE: readonly Header[] = [
  ['Host', '127.0.0.1'],
  ['Connection', 'close'],
]
/** What only somebody who knows the policy could know. */
const OF_THE_POLICY = /mcp\.rules|data\.mcp|role_granted|\.rego|mcp\/rules/

const ask = (scene: Scene, method: string, target: string, as?: Caller, body?: string, type = 'application/json') =>
  scene.send({
    method,
    target,
    headers: [
      ...BASE,
      ...(as === undefined ? [] : [bearer(as.token)]),
      ...(body === undefined ? [] : [['Content-Type', type] as const]),
    ],
    ...(body !== undefined && { body }),
  })

/** OPA's own addresses, with what was injected in them (CVE-2025-46569), and ours with what leads elsewhere. */
const OF_OPA = [
  'GET /v1/data/x;data',
  'GET /v1/data/x%3B%20data',
  'POST /v1/data/mcp/main%22%20:=%20true',
  'POST /v1/data/mcp/main/decision',
  'PUT /v1/policies/mcp',
  'PATCH /v1/data/mcp/roles',
  'DELETE /v1/policies/mcp',
  'GET /v1/config',
  'POST /admin/policies/activate/..%2fcheck',
  'PUT /admin/policies',
]

describe('callers of one server', () => {
  const config = { policies: '', admin: { enabled: true } }
  beforeAll(async () => {
    config.policies = await policyBundle()
  }, 60_000)
  const attack = attacksOn({ config })

  attack('D-029', async (scene) => {
    const search = async (as: Caller) => readable(await scene.call('searchFiles', { text: 'nothing' }, { as })).body
    const found = await search(await somebody(scene, 'admin'))
    expect(found).toMatchObject({ result: { structuredContent: { matches: [] } } })
    const unknown = unknownTool('searchFiles').body
    for (let round = 0; round < 25; round++) {
      const [may, mayNot] = [await somebody(scene, 'admin'), await somebody(scene, 'readonly')]
      const callers = Array.from({ length: 16 }, (_, index) => index % 2 === 0)
      const answers = await Promise.all(callers.map((first) => search(first ? may : mayNot)))
      expect(answers).toEqual(callers.map((first) => (first ? found : unknown)))
    }
  })

  attack('D-031', async (scene) => {
    const subs = [
      'a|b',
      'a',
      'b',
      'a","b',
      'a"',
      'a/b',
      'a:b',
      'a\\',
      'a\\",\\"b',
      'a,b',
      '["a"]',
      'a|b|readFile',
      'a","readFile',
    ]
    const callers = await Promise.all(
      subs.map(async (sub) => ({ sub, token: await scene.token(claimsOf({ sub, roles: ['rate-1'] })) })),
    )
    for (const as of callers) expectAnswer(await scene.call('readFile', OK, { as }), contentOf(CONTENT))
    for (const as of callers) {
      expect(exhaustedLimit(await scene.call('readFile', OK, { as }))).toMatchObject({
        code: 'quota_exhausted',
        limit: 1,
      })
    }
    // the other tool is counted by itself, whatever the subject is named
    const root = { path: 'public' }
    for (const as of callers) {
      expect(readable(await scene.call('listFiles', root, { as })).body).toMatchObject({
        result: { structuredContent: { entries: [{ path: 'public/ok.txt' }] } },
      })
    }
  })

  attack('D-035', async (scene) => {
    const plain = denied(['paths.outside'])
    const params = { name: 'readFile', arguments: { path: 'private/k' } }
    expectAnswer(await scene.call('readFile', params.arguments), plain)
    const headers: readonly Header[] = [
      ['Mcp-Name', 'readFile'],
      ['X-Explain', 'full'],
      ['X-Portcullis-Explain', 'true'],
    ]
    expectAnswer(await scene.rpc('tools/call', params, { headers }), plain)
    expectAnswer(
      await scene.rpc('tools/call', { ...params, explain: 'full' }, { headers }),
      invalidRequest('only name, arguments and _meta may stand in params', 1),
    )
    const legacy = readable(await scene.legacy('tools/call', params))
    expectAnswer(await scene.legacy('tools/call', { ...params, _meta: { explain: 'full' } }), legacy)
    for (const target of ['/mcp/explain', '/explain', '/v1/data/mcp/main/report?explain=full', '/v1/query?q=data']) {
      expectAnswer(await ask(scene, 'POST', target, scene.attacker, '{"input":{}}'), NOT_FOUND)
    }
    for (const path of ['policies', 'shadow']) {
      const { status, body } = await ask(scene, 'GET', `/admin/${path}`, scene.attacker)
      expect([status, JSON.parse(body).error]).toEqual([403, 'denied'])
    }
    expect(scene.seen().received).not.toMatch(OF_THE_POLICY)
  })

  attack('D-036', async (scene) => {
    const before = await scene.server.portcullis.readiness()
    const nothing: string[] = []
    for (const line of OF_OPA) {
      const [method = '', target = ''] = line.split(' ')
      const { status } = await ask(scene, method, target, undefined, method === 'GET' ? undefined : '{}')
      nothing.push(`${line} ${status}`)
    }
    expect(nothing).toEqual(OF_OPA.map((line) => `${line} ${/%|;/.test(line) ? 400 : 404}`))
    const actions = [
      ['GET', '/admin/policies', undefined],
      ['POST', '/admin/policies/activate', '{"sha256":"0"}'],
      ['POST', '/admin/policies/rollback', undefined],
    ] as const
    for (const [method, target, body] of actions) {
      const { status, headers, body: said } = readable(await ask(scene, method, target, undefined, body))
      expect([status, said]).toEqual([401, NO_TOKEN.body])
      expect(Object.keys(headers)).toContain('www-authenticate')
      expect((await ask(scene, method, target, scene.attacker, body)).status).toBe(403)
    }
    const operator = await scene.caller({ sub: 'operator', roles: ['admin'], scope: 'mcp:admin' })
    for (const body of [
      '{"sha256":"x; data"}',
      `{"sha256":"${'0'.repeat(64)}","url":"http://169.254.169.254/"}`,
      '{"url":"http://127.0.0.1/bundle.tar.gz"}',
      '{"sha256":["0"]}',
    ]) {
      expect((await ask(scene, 'POST', '/admin/policies/activate', operator, body)).status).toBe(400)
    }
    const bundle = '{"url":"http://127.0.0.1/bundle.tar.gz"}'
    expect((await ask(scene, 'POST', '/admin/policies/check', operator, bundle)).status).toBe(415)
    expect((await ask(scene, 'POST', '/admin/policies/check', operator, bundle, 'application/gzip')).status).toBe(422)
    expect((await scene.server.portcullis.readiness())['policy']).toEqual(before['policy'])
  })
})

describe('every role', () => {
  const attack = attacksOn()
  attack(
    'D-038',
    async (scene) => {
      for (const role of ROLES) {
        const listed = await toolsListed(scene, await somebody(scene, role))
        for (const tool of TOOLS) {
          const as = await somebody(scene, role)
          const answers = new Set<string>()
          for (const args of argumentsOf(tool))
            answers.add(outcomeOf(tool, (await scene.call(tool, args, { as })).body))
          const said = [...answers].toSorted()
          const expected = listed.includes(tool) ? expect.arrayContaining(['permitted']) : ['unknown']
          expect({ role, tool, said }).toEqual({ role, tool, said: expected })
          if (listed.includes(tool)) expect(said).not.toContain('unknown')
        }
      }
    },
    {
      logged: (lines) =>
        expect(lines.filter(({ refusal }) => refusal === 'no_decision' || refusal === 'broken')).toEqual([]),
    },
  )
})

const ROLES = ['admin', 'user', 'readonly', 'nobody'] as const
let people = 0
async function somebody(scene: Scene, role: string): Promise<Caller> {
  const sub = `${role}-${people++}`
  return { sub, token: await scene.token(claimsOf({ sub, roles: [role] })) }
}

async function toolsListed(scene: Scene, as: Caller): Promise<readonly string[]> {
  const { result } = JSON.parse((await scene.rpc('tools/list', {}, { as })).body)
  return result.tools.map(({ name }: { name: string }) => name)
}

const PLACES = [
  '',
  'public',
  'docs',
  'private',
  'users',
  'users/admin',
  'public/.env',
  '.git',
  'srv',
  '%2e',
  'Public',
  'public/ok.txt',
  'docs/ok.txt',
]
const ENDS = ['', 'x', 'x/y', '.env']
/** 50 calls of a tool that differ in where they lead. */
function argumentsOf(tool: (typeof TOOLS)[number]): readonly object[] {
  const paths = PLACES.flatMap((place) => ENDS.map((end) => [place, end].filter(Boolean).join('/'))).slice(0, 50)
  const more = {
    readFile: {},
    listFiles: {},
    searchFiles: { text: 'x' },
    writeFile: { content: 'x', overwrite: false },
  }[tool]
  return paths.map((path) => ({ path, ...more }))
}

/** A limit that is used up belongs to a call that policy permits. */
function outcomeOf(tool: string, body: string): 'unknown' | 'denied' | 'permitted' {
  if (body.includes(`Unknown tool: ${tool}`)) return 'unknown'
  return body.includes('"code":"denied"') ? 'denied' : 'permitted'
}

describe('a server in monitor mode', () => {
  // its records are those of calls that were let pass, so the invariants do not hold
  const attack = (id: string, run: (scene: Scene) => Promise<void>) =>
    test(`${id} ${catalogueEntry(id).title}`, async () => {
      const server = await startServer({ config: { enforce: false, admin: { enabled: true } } })
      await run(await createScene(server, { sub: 'somebody', roles: ['readonly'] })).finally(server.stop)
    })

  attack('D-037', async (scene) => {
    const { portcullis, logText } = scene.server
    const there = readable(await scene.call('readFile', { path: 'public/missing' }))
    expectAnswer(await scene.call('readFile', { path: 'private/missing' }), there)
    expect((await ask(scene, 'POST', '/admin/policies/rollback', scene.attacker)).status).toBe(403)
    expect((await portcullis.readiness())['enforcement']).toEqual({ ready: true, enforce: false })
    const metrics = await portcullis.http.request('/metrics', { headers: { host: '127.0.0.1' } })
    expect(await metrics.text()).toMatch(/^portcullis_enforcing 0$/m)
    const decisions = () =>
      logText()
        .split('\n')
        .filter((line) => line !== '')
        .map((line): LogLine => JSON.parse(line))
        .filter(({ kind }) => kind === 'decision')
    await eventually('a line for each', () => decisions().length === 3)
    expect(decisions().map(({ refusal, enforced }) => [refusal, enforced])).toEqual([
      [undefined, undefined],
      ['denied', false],
      ['denied', undefined],
    ])
  })
})
