import { readFile } from 'node:fs/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { ShadowReport } from '../../src/model/shadow.ts'
import { policyBundle, rule, TEST_ADDITIONS } from './policy.ts'
import { DECISION, openWorld, stopClocks, until, type World } from './world.ts'

beforeAll(stopClocks)

/** Closes reading, opens nothing, and breaks on one role. */
const CANDIDATE = {
  ...TEST_ADDITIONS,
  ...rule(
    'candidate',
    'Nobody reads today',
    `deny_call contains _reason if input.resource.id == "readFile"

deny contains _reason if {
	input.action.name == "tools/call"
	_answer == "no"
}

_answer := "yes" if "rate-1" in input.subject.properties.roles

_answer := "no" if "rate-1" in input.subject.properties.roles
`,
  ),
}

let candidateBundle: string
beforeAll(async () => {
  candidateBundle = await policyBundle(CANDIDATE)
}, 60_000)

let world: World
let admin: string
beforeEach(async () => {
  world = await openWorld({ admin: { enabled: true } })
  admin = await world.token({ sub: 'ann', roles: ['admin'], scope: 'mcp:admin' })
}, 60_000)
afterEach(() => world.close())

const authorization = () => ({ authorization: `Bearer ${admin}` })
const check = async () => {
  const body = await readFile(candidateBundle)
  const headers = { ...authorization(), 'content-type': 'application/gzip' }
  const { status } = await world.fetch('/admin/policies/check', { method: 'POST', headers, body })
  expect(status).toBe(200)
}
const report = async () => (await world.fetch('/admin/shadow', { headers: authorization() })).body as ShadowReport
/** The report when the candidate was asked so often, of the check that made it a candidate first. */
const evaluated = (count: number) => until(report, ({ evaluated }) => evaluated >= count)

const READ = { path: 'public/a.txt' }

describe('a candidate beside the policy in force', () => {
  test('is asked what the policy in force was asked, and changes no answer', async () => {
    const before = await world.call('readFile', READ)
    await check()
    const after = await world.call('readFile', READ)
    const broken = await world.call('readFile', READ, { token: await world.token({ sub: 'r', roles: ['rate-1'] }) })
    expect([after.text, broken.text]).toEqual([before.text, before.text])

    const { active, candidate, different, dropped, suspended, differences, examples } = await evaluated(3)
    expect({ same: active.sha256 === candidate?.sha256, different, dropped, suspended, differences }).toEqual({
      same: false,
      different: 2,
      dropped: 0,
      suspended: undefined,
      differences: [
        {
          kind: 'newly-denied',
          rule: 'tests.candidate, tools.role_granted',
          tool: 'readFile',
          role: 'readonly',
          count: 1,
        },
        { kind: 'indeterminate', rule: 'no_decision, tools.role_granted', tool: 'readFile', role: 'rate-1', count: 1 },
        { kind: 'newly-denied', rule: 'no_decision, tools.role_granted', tool: 'readFile', role: 'rate-1', count: 1 },
        { kind: 'newly-hidden', rule: 'no_decision, tools.role_granted', tool: 'readFile', role: 'rate-1', count: 1 },
      ],
    })
    const [example] = examples
    expect(example?.decision_id).toBe((await world.decisions())[2]?.decision_id.replace(/.+/, DECISION))
    expect(example).toMatchObject({
      kinds: ['newly-denied'],
      input: { subject: { id: 'readonly' }, action: { name: 'tools/call' }, resource: { id: 'readFile' } },
      active: { effect: 'permit' },
      candidate: { effect: 'deny', reasons: [{ code: 'tests.candidate', message: 'Nobody reads today' }] },
      erased: ['/input/resource/properties/arguments', '/input/subject/properties/claims'],
    })
    expect(JSON.stringify(examples)).not.toContain('"arguments":')
  })

  test('is counted in the metrics', async () => {
    await check()
    await world.call('readFile', READ)
    await evaluated(2)
    const { text } = await world.fetch('/metrics')
    const counted = text.split('\n').filter((line) => /^portcullis_shadow_(differences|dropped)/.test(line))
    expect(counted).toEqual(['portcullis_shadow_dropped 0', 'portcullis_shadow_differences{kind="newly-denied"} 1'])
  })

  test('is there to be read after it was put in force', async () => {
    await check()
    await world.call('readFile', READ)
    const { candidate } = await evaluated(2)
    const headers = { ...authorization(), 'content-type': 'application/json' }
    const body = JSON.stringify({ sha256: candidate?.sha256 })
    expect((await world.fetch('/admin/policies/activate', { method: 'POST', headers, body })).status).toBe(200)
    const after = await report()
    expect([after.active.sha256, after.candidate?.sha256, after.different]).toEqual([
      candidate?.sha256,
      candidate?.sha256,
      1,
    ])
  })

  test('what is refused before anything is decided is not its business', async () => {
    await check()
    await world.send({ method: 'tools/call', token: undefined })
    await world.send({ raw: '{' })
    const { evaluated, waiting } = await report()
    expect(evaluated + waiting).toBe(1)
  })

  test('without a candidate there is nothing to report', async () => {
    await world.call('readFile', READ)
    const { active, ...rest } = await report()
    expect(rest).toEqual({
      evaluated: 0,
      different: 0,
      dropped: 0,
      waiting: 0,
      differences: [],
      examples: [],
    })
    expect(active.sha256).toHaveLength(64)
  })
})
