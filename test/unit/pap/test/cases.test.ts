import { beforeAll, describe, expect, test } from '@jest/globals'
import { type CaseResult, runCases } from '../../../../src/pap/test/case-run.ts'
import { type Case, readCases } from '../../../../src/pap/test/cases.ts'
import { createPolicy } from '../../../../src/pdp/engine.ts'
import { compileWith, findOpa, writeTree } from '../../../policy/tools.ts'

const FILE = `
context: { bytes: 1, era: legacy }
subjects: { alice: { id: alice } }
resources: { read: { type: tool, id: read, properties: { server: s } } }
cases:
  - note: by name
    subject: alice
    action: tools/call
    resource: read
    arguments: { a: 1 }
    paths: [{ segments: [x] }]
    context: { bytes: 2 }
    want: { effect: deny, visible: false, codes: [] }
  - note: whole
    input: [1]
    want: { effect: permit, visible: true, codes: [a], scopes: [s], limits: [l], obligations: [] }
`

describe('reading', () => {
  test('writes names out', () => {
    expect(readCases(FILE, 'f.yaml')).toEqual({
      ok: true,
      value: [
        {
          file: 'f.yaml',
          note: 'by name',
          input: {
            subject: { id: 'alice' },
            action: { name: 'tools/call' },
            resource: {
              type: 'tool',
              id: 'read',
              properties: { server: 's', arguments: { a: 1 }, paths: [{ segments: ['x'] }] },
            },
            context: { bytes: 2, era: 'legacy' },
          },
          want: { effect: 'deny', visible: false, codes: [] },
        },
        {
          file: 'f.yaml',
          note: 'whole',
          input: [1],
          want: { effect: 'permit', visible: true, codes: ['a'], scopes: ['s'], limits: ['l'], obligations: [] },
        },
      ],
    })
  })

  const want = '{ effect: deny, visible: false, codes: [] }'
  const cases: readonly { name: string; text: string; message: string }[] = [
    {
      name: 'an unknown subject',
      text: `cases: [{ note: n, subject: bob, want: ${want} }]`,
      message: 'case "n" names the unknown subject bob',
    },
    {
      name: 'an unknown resource',
      text: `cases: [{ note: n, resource: x, want: ${want} }]`,
      message: 'case "n" names the unknown resource x',
    },
    { name: 'no cases', text: 'cases: []', message: '/cases: must not have fewer than 1 items' },
    {
      name: 'a wish for nothing',
      text: 'cases: [{ note: n }]',
      message: '/cases/0: must have required properties want',
    },
  ]
  test.each(cases)('refuses $name', ({ text, message }) => {
    const remedy = 'Correct the case file; test/policy/case.schema.json describes it'
    expect(readCases(text, 'f.yaml')).toEqual({ ok: false, error: [{ file: 'f.yaml', message, remedy }] })
  })
})

describe('running', () => {
  const decision = (reasons: string) =>
    `{"effect": "deny", "visible": true, "reasons": ${reasons}, "scopes": [], "limits": [], "obligations": []}`
  const reason = (code: string) => `{"code": "${code}", "message": "m"}`
  const POLICY = `package mcp.main

decision := ${decision(`[${reason('b')}, ${reason('a')}]`)} if input.ask == "deny"

decision := ${decision('[{"code": data.mcp.roles.said, "message": "m"}]')} if input.ask == "data"
`
  const caseOf = (note: string, codes: readonly string[], more = {}): Case => ({
    file: 'f',
    note,
    input: { ask: note },
    want: { effect: 'deny', visible: true, codes: [...codes], ...more },
  })
  const cases = [
    caseOf('deny', ['a', 'b']),
    caseOf('data', ['wasm']),
    caseOf('nothing', []),
    { ...caseOf('deny', ['c']), note: 'wrong' },
  ]
  let results: readonly CaseResult[]

  beforeAll(async () => {
    const opa = await findOpa()
    const files = { 'mcp/main/main.rego': POLICY }
    const tree = writeTree({ ...files, 'mcp/roles/data.json': '{"said":"opa"}' })
    const policy = await createPolicy(
      { ...compileWith(opa, files), data: { mcp: { roles: { said: 'wasm' } } } },
      { now: () => 0 },
    )
    if (!policy.ok) throw new Error(JSON.stringify(policy.error))
    const run = await runCases({ cases, policy: policy.value, policyDir: tree.dir, opa })
    policy.value.close()
    tree.remove()
    if (!run.ok) throw new Error(JSON.stringify(run.error))
    results = run.value
  })

  test('reasons in any order are the same', () => {
    expect(results[0]).toEqual({ file: 'f', note: 'deny', faults: [] })
  })

  test('WASM and opa eval that differ are a fault', () => {
    const said = (code: string) =>
      `{"effect":"deny","limits":[],"obligations":[],"reasons":[{"code":"${code}","message":"m"}],"scopes":[],"visible":true}`
    expect(results[1]?.faults).toEqual([`WASM decides ${said('wasm')}, opa eval ${said('opa')}`])
  })

  test('no decision is a fault', () => {
    expect(results[2]?.faults).toEqual(['no decision: the decision is undefined'])
  })

  test('another decision than the one wanted is a fault', () => {
    const saying = (codes: string) => `{"codes":${codes},"effect":"deny","visible":true}`
    expect(results[3]?.faults).toEqual([`wanted ${saying('["c"]')}, decided ${saying('["a","b"]')}`])
  })
})
