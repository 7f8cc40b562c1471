import { beforeAll, describe, expect, test } from '@jest/globals'
import { checkTree } from '../../../../src/pap/bundle/build.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

let opa: string
beforeAll(async () => {
  opa = await findOpa()
})

const HEAD = 'package mcp.rules.a.b\n\nimport data.mcp.lib.result\n\n'

async function faultsOf(body: string): Promise<readonly string[]> {
  const tree = writeTree({ 'mcp/rules/a/b/b.rego': `${HEAD}${body}\n` })
  try {
    const checked = await checkTree({ policyDir: tree.dir, opa, tools: ['readFile'] })
    return checked.ok ? [] : checked.error.map(({ line, message, remedy }) => `${line} ${message}; ${remedy}`)
  } finally {
    tree.remove()
  }
}

const CONFINE = '"type": "confine", "read": [], "write": []'

test.each([
  'deny_call contains result.reason(rego.metadata.chain())',
  'deny_call contains _reason if input.x\n\n_reason := result.reason(rego.metadata.chain())',
  'deny contains {"code": "a.b", "message": "No"}',
  'deny contains reason if reason := {"code": "a.b", "message": "No"}',
  'deny contains reason if some reason in data.mcp.x',
  'permit contains object.union({"code": "a.b"}, {"message": "No"})',
  'scope contains "mcp:read"',
  'scope contains $"mcp:{input.resource.id}"',
  `oblige contains {${CONFINE}, "never": []}`,
  'oblige contains {name: 1 | some name in ["type"]}',
])('may be said: %s', async (body) => {
  expect(await faultsOf(body)).toEqual([])
})

describe('what no rule of its kind can say', () => {
  const REASON =
    'Import data.mcp.lib.result, say result.reason(rego.metadata.chain()), and write the words as the title of the package'
  const OBLIGATION = 'Say an object with exactly type, read, write, never'
  test.each([
    ['deny_call contains "No"', `rule "deny_call" says a string, which is no reason; ${REASON}`],
    ['deny contains $"No {input.x}"', `rule "deny" says a string, which is no reason; ${REASON}`],
    [
      'deny contains msg if {\n\tinput.x\n\tmsg := sprintf("No %v", [1])\n}',
      `rule "deny" says a string, which is no reason; ${REASON}`,
    ],
    ['permit contains true if input.x', `rule "permit" says a boolean, which is no reason; ${REASON}`],
    ['permit contains ["a"]', `rule "permit" says an array, which is no reason; ${REASON}`],
    ['deny contains {"msg": "No"}', `rule "deny" says an object with "msg", which is no reason; ${REASON}`],
    ['deny contains {"code": "a.b"}', `rule "deny" says an object without "message", which is no reason; ${REASON}`],
    ['scope contains {"mcp:read"}', 'rule "scope" says a set, which is no scope; Say the name of a scope'],
    [
      `oblige contains {${CONFINE}}`,
      `rule "oblige" says an object without "never", which is no obligation; ${OBLIGATION}`,
    ],
  ])('%s', async (body, fault) => {
    expect(await faultsOf(body)).toEqual([`5 ${fault}`])
  })
})
