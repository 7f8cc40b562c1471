import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../../src/model/json.ts'
import { loadBundle, loadPolicy } from '../../../../src/pap/activation/load.ts'
import { buildBundle, packBundle } from '../../../../src/pap/bundle/build.ts'
import type { SigningKey } from '../../../../src/pap/bundle/keys.ts'
import { capabilities, compileWith, findOpa, writeTree } from '../../../policy/tools.ts'
import { callWith } from '../../pdp/inputs.ts'
import { createPairs } from '../bundle/key-pairs.ts'

const DENY = '{"effect": "deny", "visible": false, "reasons": [], "scopes": [], "limits": [], "obligations": []}'
const main = (rego: string) => ({ 'mcp/main/main.rego': `package mcp.main\n\n${rego}\n` })
const SMOKE_REMEDY = 'Give mcp.main.decision a default, and return exactly the six members of a decision'

let opa: string
const removals: (() => void)[] = []
const treeOf = (files: Readonly<Record<string, string>>) => {
  const tree = writeTree({ '.manifest': '{"roots":["mcp"],"rego_version":1}', ...files })
  removals.push(tree.remove)
  return tree.dir
}
const deps = { opa: async () => opa, capabilities, tools: [], now: () => 0 }

beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

test('a policy tree is built and decides', async () => {
  const policy = await loadPolicy({ dir: treeOf(main(`decision := ${DENY}`)) }, deps)
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  expect(policy.value.decide(callWith({}))).toEqual(JSON.parse(DENY))
  expect(policy.value.bundle.revision).toMatch(/^[0-9a-f]{16}$/)
  policy.value.close()
})

test('a bundle needs no opa', async () => {
  const dir = treeOf(main(`decision := ${DENY}`))
  const packed = await packBundle({ policyDir: dir, opa, capabilities, tools: [], revision: 'r1' })
  if (!packed.ok) throw new Error(JSON.stringify(packed.error))
  const file = join(dir, 'bundle.tar.gz')
  writeFileSync(file, packed.value.bytes)
  const policy = await loadPolicy({ file }, { ...deps, opa: () => Promise.reject(new Error('asked for opa')) })
  expect(policy.ok && policy.value.bundle.revision).toBe('r1')
})

test('a file that is not there is a fault', async () => {
  expect(await loadPolicy({ file: '/no/such/bundle.tar.gz' }, deps)).toEqual({
    ok: false,
    error: [
      {
        message: "ENOENT: no such file or directory, open '/no/such/bundle.tar.gz'",
        remedy: 'Name a bundle made by `portcullis build`',
      },
    ],
  })
})

describe('a bundle of unknown origin', () => {
  const { es256, rs256 } = createPairs()
  const files = { 'mcp/main/main.rego': `package mcp.main\n\ndecision := ${DENY}\n` }
  const signedBy = async (signing: SigningKey) => {
    const dir = treeOf(files)
    const options = { policyDir: dir, opa, capabilities, tools: [] }
    const built = await buildBundle({ ...options, signing: { key: signing }, out: join(dir, 'bundle.tar.gz') })
    if (!built.ok) throw new Error(JSON.stringify(built.error))
    return built.value.file
  }

  test('is used when one of the keys signed it', async () => {
    const verification = { keys: es256.verification }
    const policy = await loadPolicy({ file: await signedBy(es256.signing) }, { ...deps, verification })
    expect(policy).toMatchObject({ ok: true })
  })

  test('is refused when another one did', async () => {
    const verification = { keys: es256.verification }
    const policy = await loadPolicy({ file: await signedBy(rs256.signing) }, { ...deps, verification })
    expect(policy).toMatchObject({
      ok: false,
      error: [{ file: '.signatures.json', message: 'is not a signature by any of the keys given' }],
    })
  })

  test('is not even read when it is too large', async () => {
    const file = join(treeOf({ x: '12345' }), 'x')
    const remedy = 'Name a bundle made by `portcullis build`'
    expect(await loadPolicy({ file }, { ...deps, maxBytes: 4 })).toEqual({
      ok: false,
      error: [{ message: `${file} is larger than 4 bytes`, remedy }],
    })
  })

  test('is refused when it is no file', async () => {
    const file = treeOf({})
    expect(await loadPolicy({ file }, deps)).toMatchObject({ ok: false, error: [{ message: `${file} is no file` }] })
  })
})

describe('smoke cases of a bundle', () => {
  const input = callWith({}) as unknown as JsonObject
  const cases: readonly { name: string; want: JsonObject; messages: readonly string[] }[] = [
    { name: 'hold', want: { effect: 'deny', visible: false, codes: [], limits: [] }, messages: [] },
    {
      name: 'do not hold',
      want: { effect: 'permit', limits: ['per day'] },
      messages: ['case "n": effect: wanted permit, decided deny', 'case "n": limits: lacks per day'],
    },
  ]
  test.each(cases)('$name', async ({ want, messages }) => {
    const bundle = await compileWith(opa, main(`decision := ${DENY}`))
    const loaded = await loadBundle({ ...bundle, smoke: [{ note: 'n', input, want }] }, deps)
    expect(loaded.ok ? [] : loaded.error.map(({ file, message }) => `${file} ${message}`)).toEqual(
      messages.map((message) => `smoke.json ${message}`),
    )
  })

  test('that break the policy', async () => {
    const conflict = `decision := ${DENY}\n\ndecision := 1 if input.broken`
    const bundle = await compileWith(opa, main(conflict))
    const smoke = [{ note: 'n', input: { broken: true }, want: { effect: 'deny' } }]
    expect(await loadBundle({ ...bundle, smoke }, deps)).toMatchObject({
      ok: false,
      error: [{ file: 'smoke.json', message: expect.stringMatching(/^case "n": no decision: .*conflict/) }],
    })
  })
})

describe('a policy that cannot be used', () => {
  const noDecision = (name: string, cause: string) => ({
    message: `no decision on ${name}: ${cause}`,
    remedy: SMOKE_REMEDY,
  })
  const cases: readonly { name: string; rego: string; faults: readonly object[] }[] = [
    {
      name: 'has no answer to a list',
      rego: `decision := ${DENY} if input.resource.type == "tool"`,
      faults: [noDecision('tools/list', 'the decision is undefined')],
    },
    {
      name: 'answers a subject without roles with something else',
      rego: `decision := ${DENY} if count(input.subject.properties.roles) > 0\n\ndecision := 1 if count(input.subject.properties.roles) == 0`,
      faults: [noDecision('a subject without roles', 'the decision is malformed at /: must be object')],
    },
  ]
  test.each(cases)('$name', async ({ rego, faults }) => {
    expect(await loadBundle(await compileWith(opa, main(rego)), deps)).toEqual({ ok: false, error: faults })
  })

  test('has a rule that says what no rule of its kind can', async () => {
    const decision = `decision := ${DENY.replace('"reasons": []', '"reasons": ["no"]')}`
    const report = `report := {
	{"kind": "deny", "rule": "rules.a.b", "said": ["no"]},
	{"kind": "deny", "rule": "rules.a.c", "said": [{"code": "c", "message": "m"}]},
	{"kind": "limit", "rule": "tools.t", "said": [{"name": 7}]},
}`
    const asked = ['mcp/main/decision', 'mcp/main/report']
    const bundle = await compileWith(opa, main(`${decision}\n\n${report}`), asked)
    const loaded = await loadBundle(bundle, deps)
    expect(loaded.ok ? [] : loaded.error.map(({ message, remedy }) => `${message}; ${remedy}`)).toEqual([
      'deny of mcp.rules.a.b says what is no reason: must be object; Import data.mcp.lib.result, say result.reason(rego.metadata.chain()), and write the words as the title of the package',
      expect.stringMatching(
        /^limit of mcp.tools.t says what is no limit: .*key.*; Say an object with exactly name, key, /,
      ),
    ])
  })

  test('is over budget', async () => {
    let time = 0
    const slow = { now: () => (time += 6) }
    expect(await loadBundle(await compileWith(opa, main(`decision := ${DENY}`)), slow)).toMatchObject({
      ok: false,
      error: [{ message: 'a decision takes 6.0 ms at the median; 5 ms is the budget' }],
    })
  })

  test('has more against it than anyone would read', async () => {
    const bundle = await compileWith(opa, main(`decision := ${DENY}`))
    const smoke = Array.from({ length: 25 }, (_, index) => ({
      note: `${index}`,
      input: {},
      want: { effect: 'permit' },
    }))
    const loaded = await loadBundle({ ...bundle, smoke }, deps)
    const faults = loaded.ok ? [] : loaded.error
    expect([faults.length, faults.at(-1)]).toEqual([
      21,
      { message: 'there are 5 more faults', remedy: 'Correct these first' },
    ])
  })

  test('has data that would be rules', async () => {
    const bundle = await compileWith(opa, main(`decision := ${DENY}`))
    expect(await loadBundle({ ...bundle, data: { mcp: { tools: {} } } }, deps)).toEqual({
      ok: false,
      error: [
        {
          file: 'mcp/tools/data.yaml',
          message: 'data at data.mcp.tools stands where it would be taken for rules or ignored',
          remedy: 'Keep data in roles, inherits, plans, scopes, paths, catalogue',
        },
      ],
    })
  })
})
