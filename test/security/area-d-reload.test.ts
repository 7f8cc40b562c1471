import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { loadBundle } from '../../src/pap/activation/load.ts'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { type BundleServer, openBundleServer } from '../ports/bundle-server.ts'
import { callWith } from '../unit/pdp/inputs.ts'
import { attacksOn } from './attack.ts'
import { catalogueEntry } from './catalogue.ts'
import { contentOf, expectAnswer, noDecision, readable, UNAUTHORIZED } from './expected.ts'
import { stopDate } from './fake-date.ts'
import { eventually } from './invariants.ts'
import { BLIND, CLOSED, filesOf, release, replaceFile, TRUSTED_PEM } from './releases.ts'
import { bearer, type Caller, type Scene } from './scene.ts'
import { CONTENT, claimsOf, type LogLine, startServer } from './server.ts'
import type { Answer } from './wire.ts'

const TIMEOUT = 60_000
const folder = mkdtempSync(join(tmpdir(), 'portcullis-reload-'))
const bundle = join(folder, 'policy.tar.gz')
const revocations = join(folder, 'revoked.json')
let files: Awaited<ReturnType<typeof filesOf>>
const put = async (...of: Parameters<typeof release>) => replaceFile(bundle, (await release(...of)).packed)
beforeAll(async () => {
  files = await filesOf()
  await writeFile(join(folder, 'keys.pem'), TRUSTED_PEM)
  await writeFile(revocations, '{}')
}, TIMEOUT)
afterAll(() => rmSync(folder, { recursive: true }))

type Policy = { readonly revision: string; readonly ready: boolean; readonly source: { readonly state: string } }
const policyOf = async ({ server }: Scene) => {
  const { revision, ready, source } = (await server.portcullis.readiness())['policy'] as unknown as Policy
  return { revision, ready, state: source.state }
}
const inForce = (scene: Scene, revision: string) =>
  eventually(`${revision} in force`, () => scene.server.operatorLog().includes(`"revision":"${revision}"`))
const readOne = (scene: Scene, as?: Caller): Promise<Answer> =>
  scene.call('readFile', { path: 'public/ok.txt' }, { ...(as !== undefined && { as }) })

describe('a signed source that is watched', () => {
  beforeAll(() => put(files, 7), TIMEOUT)

  const attack = attacksOn({
    config: {
      policies: bundle,
      policy: { state: join(folder, 'state'), verification_keys: join(folder, 'keys.pem') },
      revocations,
      admin: { enabled: true },
    },
  })
  attack(
    'D-019',
    async (scene) => {
      expect(await policyOf(scene)).toEqual({ revision: 'r7', ready: true, state: 'current' })
      await put(files, 9)
      await inForce(scene, 'r9')
      for (const [version, said] of [
        [8, 'has version 8, and 9 was in force already'],
        [undefined, 'has no version, and 9 was in force already'],
      ] as const) {
        await put(files, version)
        await eventually(said, () => scene.server.operatorLog().includes(said))
        expect(await policyOf(scene)).toEqual({ revision: 'r9', ready: true, state: 'refused' })
      }
      const rollback = (as: Caller) =>
        scene.send({
          target: '/admin/policies/rollback',
          headers: [['Host', '127.0.0.1'], ['Connection', 'close'], bearer(as.token)],
        })
      expect((await rollback(scene.attacker)).status).toBe(403)
      const operator = await scene.caller({ sub: 'operator', roles: ['admin'], scope: 'mcp:admin' })
      const rolledBack = await rollback(operator)
      expect([rolledBack.status, JSON.parse(rolledBack.body)]).toMatchObject([200, { active: { version: 7 } }])
      expect(await policyOf(scene)).toMatchObject({ revision: 'r7', ready: true })
    },
    {
      logged: (lines) =>
        expect(lines.map(({ kind, refusal, input }) => [kind, refusal, actionOf(input)])).toEqual([
          ['decision', 'denied', 'policy/rollback caller-D-019'],
          ['decision', undefined, 'policy/rollback operator'],
          ['outcome', undefined, undefined],
        ]),
    },
  )

  attack(
    'D-025',
    async (scene) => {
      const blind = await filesOf(BLIND)
      const answers: string[] = []
      let isDone = false
      const caller = async () => {
        while (!isDone) {
          const { status, body } = await scene.legacy('tools/list')
          const { tools } = JSON.parse(body).result
          answers.push(`${status} ${tools.map(({ name }: { name: string }) => name).join(' ')}`)
        }
      }
      const callers = Promise.all(Array.from({ length: 16 }, caller))
      const reloads = async () => {
        for (let version = 20; version < 25; version++) {
          await put(version % 2 === 0 ? files : blind, version)
          await inForce(scene, `r${version}`)
        }
      }
      await Promise.race([reloads(), callers]).finally(() => {
        isDone = true
      })
      await callers
      expect([...new Set(answers)].toSorted()).toEqual(['200 ', '200 readFile listFiles'])
    },
    {
      logged: (lines) => {
        const said = lines.filter(({ kind }) => kind === 'decision').map(revisionAndShown)
        const shownBy = (version: number) => (version % 2 === 0 ? 2 : 0)
        const possible = Array.from({ length: 5 }, (_, index) => `r${20 + index}: ${shownBy(20 + index)}`)
        expect(said.filter((one) => ![...possible, 'r7: 2'].includes(one))).toEqual([])
        expect(new Set(said).size).toBeGreaterThan(2)
      },
    },
  )

  attack('D-030', async (scene) => {
    const sub = 'somebody'
    const as = { sub, token: await scene.token(claimsOf({ sub, roles: ['readonly'] })) }
    const permitted = contentOf(CONTENT)
    expectAnswer(await readOne(scene, as), permitted)
    await put(await filesOf(CLOSED), 40)
    await inForce(scene, 'r40')
    expect(readable(await readOne(scene, as)).body).toMatchObject({ result: { isError: true } })
    await put(files, 41)
    await inForce(scene, 'r41')
    expectAnswer(await readOne(scene, as), permitted)
    await writeFile(revocations, JSON.stringify({ subjects: [{ id: sub }] }))
    let answer = await scene.rpc('tools/list', {}, { as })
    // the file is looked at once a second
    while (answer.status !== 401) answer = await scene.rpc('tools/list', {}, { as })
    expectAnswer(await readOne(scene, as), UNAUTHORIZED)
  })
})

describe('a URL that goes away', () => {
  const HOUR = 3600
  stopDate()
  let source: BundleServer
  const config = { policies: '', policy: { max_age_seconds: HOUR, poll: { min_seconds: 1, max_seconds: 1 } } }
  beforeAll(async () => {
    source = await openBundleServer('opa')
    source.put((await release(files, 1)).packed)
    config.policies = source.url
  }, TIMEOUT)
  afterAll(() => source.close())

  const attack = attacksOn({ config })
  attack('D-027', async (scene) => {
    const empty = await openBundleServer('opa')
    const starting = startServer({ config: { ...config, policies: empty.url } })
    await expect(starting).rejects.toThrow('policy the policy source answered with status 404')
    await empty.close()

    const health = async () => (await scene.server.portcullis.readiness())['policy'] as unknown as Health
    expect(await health()).toMatchObject({ ready: true, source: { state: 'current', age_seconds: 0 } })
    source.answer((_, response) => response.writeHead(503).end())
    // what waited for a new bundle gets this one, and then asks again
    source.put((await release(files, 2)).packed)
    await eventually('the failure on the log', () => scene.server.operatorLog().includes('answered with status 503'))
    expect(await policyOf(scene)).toEqual({ revision: 'r2', ready: true, state: 'unreachable' })
    const at = (seconds: number) => jest.setSystemTime(Date.now() + seconds * 1000)

    at(HOUR)
    const late = await scene.caller({ sub: 'late' })
    expect(await health()).toMatchObject({ ready: true, source: { state: 'unreachable', age_seconds: HOUR } })
    expectAnswer(await readOne(scene, late), contentOf(CONTENT))
    at(1)
    expect(await health()).toMatchObject({ ready: false, source: { age_seconds: HOUR + 1, expired: true } })
    expectAnswer(await readOne(scene, late), noDecision())
    expect((await scene.rpc('tools/list', {}, { as: late })).body).toContain('No decision could be made')

    source.put((await release(files, 3)).packed)
    source.answer(undefined)
    await inForce(scene, 'r3')
    expect(await health()).toMatchObject({ ready: true, source: { state: 'current', age_seconds: 0 } })
    expectAnswer(await readOne(scene, late), contentOf(CONTENT))
  })
})

type Health = { readonly ready: boolean; readonly source: { readonly state: string; readonly age_seconds: number } }

/** A module whose start function is `loop br 0 end`. */
const ENDLESS = Buffer.from('0061736d01000000010401600000030201000801000a0901070003400c000b0b', 'hex')

describe('a bundle that is offered', () => {
  const attack = (id: string, run: () => Promise<void>) => test(`${id} ${catalogueEntry(id).title}`, run, TIMEOUT)

  attack('D-040', async () => {
    const [good, endless] = await Promise.all([
      bundleIn((await release(files, 1)).packed),
      bundleIn((await release(files, 2, { changes: { 'policy.wasm': ENDLESS } })).packed),
    ])
    const loaded = await loadBundle(good, { now: () => 0 })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
    const decide = () => loaded.value.decide(callWith({ path: '/public/a.txt' }))
    const [before, limit] = [decide(), 500]
    let refused: readonly string[] | undefined
    const loading = loadBundle(endless, { now: () => 0, trialMs: limit }).then((policy) => {
      refused = policy.ok ? [] : policy.error.map(({ file, message }) => `${file}: ${message}`)
    })
    let asked = 0
    await eventually('the refusal', () => {
      expect(decide()).toEqual(before)
      asked++
      return refused !== undefined
    })
    await loading
    expect(refused).toEqual([`policy.wasm: does not come to an end within ${limit} ms`])
    expect(asked).toBeGreaterThan(100)
    // the thread was ended, and the next bundle has one of its own
    expect(await loadBundle(good, { now: () => 0, trialMs: 30_000 })).toMatchObject({ ok: true })
    loaded.value.close()
  })
})

async function bundleIn(packed: Uint8Array) {
  const bundle = await readBundle(packed)
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
  return bundle.value
}

const actionOf = (input: unknown): string | undefined => {
  const { subject, action } = (input ?? {}) as { subject?: { id: string }; action?: { name: string } }
  return action && `${action.name} ${subject?.id}`
}
const revisionAndShown = ({ bundle, listed }: LogLine): string =>
  `${(bundle as { revision: string }).revision}: ${(listed as { shown: number }).shown}`
