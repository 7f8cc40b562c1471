import { beforeAll, describe, expect, test } from '@jest/globals'
import { checkTree } from '../../../../src/pap/bundle/build.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

let opa: string
beforeAll(async () => {
  opa = await findOpa()
})

async function faultsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const tree = writeTree(files)
  try {
    const checked = await checkTree({ policyDir: tree.dir, opa, tools: ['readFile'] })
    return checked.ok ? [] : checked.error.map(({ file, line, message }) => `${file}:${line ?? ''} ${message}`)
  } finally {
    tree.remove()
  }
}

const rule = (body: string) => ({ 'mcp/rules/a/b/b.rego': `package mcp.rules.a.b\n\n${body}\n` })
const OUTSIDE = 'data stands outside the data folders, where it would be ignored or taken for rules'
const DATA = 'package mcp.lib.l\n\nbytes := input.context.bytes\n\nname(x) := x.id\n'

describe('a tree that is well built', () => {
  const cases: readonly { name: string; files: Readonly<Record<string, string>> }[] = [
    {
      name: 'all six kinds',
      files: rule(
        ['permit', 'deny', 'deny_call', 'scope', 'limit', 'oblige'].map((k) => `${k} contains _said`).join('\n'),
      ),
    },
    {
      name: 'private helpers',
      files: rule('permit contains {"code": "x", "message": "x"} if _helper(1)\n\n_helper(x) if x > 0'),
    },
    {
      name: 'a tool of the catalogue',
      files: {
        'mcp/tools/readFile/r.rego': 'package mcp.tools.readFile\n\ndeny contains {"code": "x", "message": "x"}\n',
      },
    },
    {
      name: 'a tool that the tree vouches for',
      files: {
        'mcp/tools/weather/r.rego': 'package mcp.tools.weather\n\ndeny contains {"code": "x", "message": "x"}\n',
        'mcp/catalogue/data.yaml': 'weather: {}\n',
      },
    },
    {
      name: 'each data folder',
      files: Object.fromEntries(
        ['roles', 'inherits', 'plans', 'scopes', 'paths', 'catalogue'].map((f) => [`mcp/${f}/data.yaml`, '{}']),
      ),
    },
    {
      name: 'a test beside its rule',
      files: {
        ...rule('permit contains {"code": "x", "message": "x"}'),
        'mcp/rules/a/b/b_test.rego': 'package mcp.rules.a.b_test\n',
      },
    },
    {
      name: 'a permit that reads the tool',
      files: rule('permit contains {"code": "x", "message": "x"} if input.resource.properties.server == "s"'),
    },
    {
      name: 'object.get of one name',
      files: rule(
        'deny contains {"code": "x", "message": "x"} if object.get(input.resource.properties, "access", []) == []',
      ),
    },
    {
      name: 'object.get of a path',
      files: rule('deny contains {"code": "x", "message": "x"} if object.get(input, ["resource", "id"], "") == ""'),
    },
    {
      name: 'a deny_call that reads the call',
      files: rule('deny_call contains {"code": "x", "message": "x"} if input.context.bytes > 1'),
    },
    {
      name: 'a permit with a harmless part of a library',
      files: {
        ...rule(
          'import data.mcp.lib.l\n\npermit contains {"code": "x", "message": "x"} if l.name(input.subject) == "a"',
        ),
        'mcp/lib/l/l.rego': DATA,
      },
    },
  ]
  test.each(cases)('$name', async ({ files }) => {
    expect(await faultsOf(files)).toEqual([])
  })
})

describe('what would be ignored or decide unseen', () => {
  const cases: readonly { name: string; files: Readonly<Record<string, string>>; faults: readonly string[] }[] = [
    {
      name: 'a rule package one level down',
      files: { 'mcp/rules/a/a.rego': 'package mcp.rules.a\n\npermit contains {"code": "x", "message": "x"}\n' },
      faults: ['mcp/rules/a/a.rego:1 package mcp.rules.a is not package mcp.rules.<area>.<rule>: nothing reads it'],
    },
    {
      name: 'a rule package three levels down',
      files: { 'r.rego': 'package mcp.rules.a.b.c\n\npermit contains {"code": "x", "message": "x"}\n' },
      faults: ['r.rego:1 package mcp.rules.a.b.c is not package mcp.rules.<area>.<rule>: nothing reads it'],
    },
    {
      name: 'a tool package two levels down',
      files: { 'r.rego': 'package mcp.tools.readFile.x\n\ndeny contains {"code": "x", "message": "x"}\n' },
      faults: ['r.rego:1 package mcp.tools.readFile.x is not package mcp.tools.<tool>: nothing reads it'],
    },
    {
      name: 'a tool that nobody knows',
      files: { 'r.rego': 'package mcp.tools.readfile\n\ndeny contains {"code": "x", "message": "x"}\n' },
      faults: ['r.rego:1 package mcp.tools.readfile names no tool of the catalogue (readFile): nothing reads it'],
    },
    {
      name: 'a rule of no kind',
      files: rule('denies contains "x"'),
      faults: ['mcp/rules/a/b/b.rego:3 rule "denies" is no kind of rule: nothing reads it'],
    },
    {
      name: 'a public function',
      files: rule('helper(x) := x'),
      faults: ['mcp/rules/a/b/b.rego:3 rule "helper" is no kind of rule: nothing reads it'],
    },
    {
      name: 'a kind that is no set',
      files: rule('permit if true'),
      faults: ['mcp/rules/a/b/b.rego:3 rule "permit" is not a set'],
    },
    {
      name: 'a kind that is an object',
      files: rule('permit["x"] := 1'),
      faults: ['mcp/rules/a/b/b.rego:3 rule "permit" is not a set'],
    },
    {
      name: 'a kind that is a function',
      files: rule('permit(x) := x'),
      faults: ['mcp/rules/a/b/b.rego:3 rule "permit" is not a set'],
    },
    {
      name: 'a rule that reaches in from outside',
      files: { 'r.rego': 'package mcp\n\nrules.a.b.permit contains {"code": "x", "message": "x"}\n' },
      faults: ['r.rego:3 a rule in package mcp defines part of mcp.rules'],
    },
    {
      name: 'data below rules',
      files: { 'mcp/rules/a/b/data.yaml': 'permit: [x]\n' },
      faults: [`mcp/rules/a/b/data.yaml: ${OUTSIDE}`],
    },
    { name: 'data at the root', files: { 'data.json': '{"mcp":{}}' }, faults: [`data.json: ${OUTSIDE}`] },
    {
      name: 'data below a data folder',
      files: { 'mcp/roles/eu/data.yaml': '{}' },
      faults: [`mcp/roles/eu/data.yaml: ${OUTSIDE}`],
    },
    { name: 'data of another name', files: { 'mcp/roles/eu.yaml': '{}' }, faults: [`mcp/roles/eu.yaml: ${OUTSIDE}`] },
  ]
  test.each(cases)('$name', async ({ files, faults }) => {
    expect(await faultsOf(files)).toEqual(faults)
  })
})

describe('a permit or deny that reads what only a call has', () => {
  const file = 'mcp/rules/a/b/b.rego'
  const reads = (kind: string, read: string, of: string, line = 3, by = '') =>
    `${file}:${line} ${kind} of mcp.rules.a.b reads ${read}${by}, and so ${of}, which lists do not have`
  const args = 'input.resource.properties.arguments'
  const cases: readonly { name: string; body: string; faults: readonly string[] }[] = [
    {
      name: 'arguments',
      body: `permit contains {"code": "x", "message": "x"} if ${args}.path == "a"`,
      faults: [reads('permit', `${args}.path`, args)],
    },
    {
      name: 'paths',
      body: 'deny contains {"code": "x", "message": "x"} if count(input.resource.properties.paths) > 1',
      faults: [reads('deny', 'input.resource.properties.paths', 'input.resource.properties.paths')],
    },
    {
      name: 'bytes',
      body: 'deny contains {"code": "x", "message": "x"} if input.context.bytes > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes')],
    },
    {
      name: 'by a string in brackets',
      body: 'deny contains {"code": "x", "message": "x"} if input["context"]["bytes"] > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes')],
    },
    {
      name: 'by a variable',
      body: 'permit contains k if some k, _ in input.resource.properties',
      faults: [reads('permit', 'input.resource.properties', args)],
    },
    {
      name: 'by a whole',
      body: 'permit contains {"code": "x", "message": "x"} if { r := input.resource; r.properties.arguments.a }',
      faults: [reads('permit', 'input.resource', args)],
    },
    {
      name: 'by the whole input',
      body: 'permit contains json.marshal(input)',
      faults: [reads('permit', 'input', args)],
    },
    {
      name: 'by object.get',
      body: 'deny contains {"code": "x", "message": "x"} if object.get(input, ["context", "bytes"], 0) > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes')],
    },
    {
      name: 'by object.get of a variable',
      body: 'deny contains {"code": "x", "message": "x"} if { k := "bytes"; object.get(input.context, k, 0) > 9 }',
      faults: [reads('deny', 'input.context', 'input.context.bytes')],
    },
    {
      name: 'by an import',
      body: 'import input.context as c\n\ndeny contains {"code": "x", "message": "x"} if c.bytes > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes', 5)],
    },
    {
      name: 'by a helper',
      body: 'deny contains {"code": "x", "message": "x"} if _big\n\n_big if input.context.bytes > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes', 5, ' (by way of mcp.rules.a.b._big)')],
    },
    {
      name: 'by a helper of a helper',
      body: 'deny contains {"code": "x", "message": "x"} if _f(1)\n\n_f(x) := y if y := _big + x\n\n_big := input.context.bytes',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes', 7, ' (by way of mcp.rules.a.b._big)')],
    },
    {
      name: 'in an else',
      body: 'deny contains {"code": "x", "message": "x"} if _f\n\n_f if false\n\nelse if input.context.bytes > 9',
      faults: [reads('deny', 'input.context.bytes', 'input.context.bytes', 7, ' (by way of mcp.rules.a.b._f)')],
    },
    {
      name: 'in every',
      body: 'deny contains {"code": "x", "message": "x"} if every p in input.resource.properties.paths { p }',
      faults: [reads('deny', 'input.resource.properties.paths', 'input.resource.properties.paths')],
    },
    {
      name: 'in what it returns',
      body: 'permit contains input.context.bytes',
      faults: [reads('permit', 'input.context.bytes', 'input.context.bytes')],
    },
    {
      name: 'in a template string',
      body: 'permit contains {"code": "x", "message": $"{input.context.bytes}"}',
      faults: [reads('permit', 'input.context.bytes', 'input.context.bytes')],
    },
    {
      name: 'in a comprehension',
      body: 'permit contains [b | b := input.context.bytes]',
      faults: [reads('permit', 'input.context.bytes', 'input.context.bytes')],
    },
  ]
  test.each(cases)('$name', async ({ body, faults }) => {
    expect(await faultsOf(rule(body))).toEqual(faults)
  })

  test('by a library', async () => {
    const files = {
      ...rule('import data.mcp.lib.l\n\ndeny contains {"code": "x", "message": "x"} if l.bytes > 9'),
      'mcp/lib/l/l.rego': DATA,
    }
    const wanted =
      'mcp/lib/l/l.rego:3 deny of mcp.rules.a.b reads input.context.bytes (by way of mcp.lib.l.bytes), and so input.context.bytes, which lists do not have'
    expect(await faultsOf(files)).toEqual([wanted])
  })

  test('in a rule of a tool', async () => {
    const files = {
      'mcp/tools/readFile/r.rego':
        'package mcp.tools.readFile\n\ndeny contains {"code": "x", "message": "x"} if input.context.bytes > 9\n',
    }
    const wanted =
      'mcp/tools/readFile/r.rego:3 deny of mcp.tools.readFile reads input.context.bytes, and so input.context.bytes, which lists do not have'
    expect(await faultsOf(files)).toEqual([wanted])
  })
})
