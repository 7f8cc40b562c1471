import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { loadBundle, loadPolicy } from '../../../../src/pap/activation/load.ts'
import { packBundle } from '../../../../src/pap/bundle/build.ts'
import { capabilities, compileWith, findOpa, writeTree } from '../../../policy/tools.ts'
import { callWith } from '../../pdp/inputs.ts'

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
    expect(await loadBundle(compileWith(opa, main(rego)), deps)).toEqual({ ok: false, error: faults })
  })

  test('is over budget', async () => {
    let time = 0
    const slow = { now: () => (time += 6) }
    expect(await loadBundle(compileWith(opa, main(`decision := ${DENY}`)), slow)).toMatchObject({
      ok: false,
      error: [{ message: 'a decision takes 6.0 ms at the median; 5 ms is the budget' }],
    })
  })

  test('has data that would be rules', async () => {
    const bundle = compileWith(opa, main(`decision := ${DENY}`))
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
