import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Module, parseModules } from '../../../../src/pap/rego/module.ts'
import { decisionReads, maskReads } from '../../../../src/pap/rego/reads.ts'
import { readPolicyTree } from '../../../../src/pap/rego/tree.ts'
import type { InputReads } from '../../../../src/pdp/loaded-bundle.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

let opa: string
const removals: (() => void)[] = []
beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

async function modulesIn(files: Readonly<Record<string, string>>): Promise<readonly Module[]> {
  const { dir, remove } = writeTree(files)
  removals.push(remove)
  const modules = await parseModules(opa, await readPolicyTree(dir))
  if (!modules.ok) throw new Error(JSON.stringify(modules.error))
  return modules.value
}

const main = (body: string) => ({ 'mcp/main/main.rego': `package mcp.main\n\n${body}\n` })
/** The gateway's own. */
const OWN = ['action.name', 'subject.id', 'subject.properties.issuer', 'subject.properties.tenant']

describe('what a decision can read', () => {
  test.each<{ what: string; files: Record<string, string>; values?: readonly string[]; types?: readonly string[] }>([
    { what: 'nothing', files: main('decision := 1') },
    { what: 'a member', files: main('decision if input.a.b == 1'), values: ['a.b'] },
    { what: 'an index', files: main('decision if input.a["b"][0].c'), values: ['a.b'] },
    { what: 'what a variable names', files: main('decision if {\n\tsome k\n\tinput.a[k].c == 1\n}'), values: ['a'] },
    { what: 'the whole input', files: main('decision if count(input) > 1'), values: [''] },
    { what: 'a part that is passed on', files: main('decision if _f(input.a)\n\n_f(x) if x.b'), values: ['a'] },
    { what: 'by an import', files: main('import input.a.b as short\n\ndecision if short.c == 1'), values: ['a.b.c'] },
    { what: 'by object.get', files: main('decision if object.get(input.a, "b", 1) == 1'), values: ['a.b'] },
    {
      what: 'by a computed object.get',
      files: main('decision if object.get(input.a, input.k, 1) == 1'),
      values: ['a', 'k'],
    },
    { what: 'a type alone', files: main('decision if type_name(input.a) != ""'), types: ['a'] },
    {
      what: 'a type and a value',
      files: main('decision if {\n\tis_string(input.a)\n\tinput.a == "x"\n}'),
      values: ['a'],
      types: ['a'],
    },
    { what: 'the type of what a variable names', files: main('decision if is_string(input.a[_])'), values: ['a'] },
    { what: 'in an else', files: main('decision := 1 if input.a else := 2 if input.b'), values: ['a', 'b'] },
    { what: 'in a head', files: main('decision := {"x": input.a}'), values: ['a'] },
    { what: 'in a comprehension', files: main('decision if count({x | some x in input.a}) > 0'), values: ['a'] },
    {
      what: 'by way of with, which could be anything',
      files: main('decision if data.mcp.other.x with input as input.a'),
      values: ['', 'a'],
    },
    {
      what: 'by rules elsewhere, however they are reached',
      files: {
        ...main('decision if data.mcp.rules[_][_].permit'),
        'mcp/rules/a/b/b.rego': 'package mcp.rules.a.b\n\nimport data.mcp.lib.c\n\npermit contains 1 if c.d\n',
        'mcp/lib/c/c.rego': 'package mcp.lib.c\n\nd if input.deep\n',
      },
      values: ['deep'],
    },
    {
      what: 'but not what no decision reaches',
      files: {
        ...main('decision := 1\n\nreport if input.a'),
        'mcp/log/log.rego': 'package mcp.log\n\nmask if input.b\n',
      },
    },
  ])('$what', async ({ files, values = [], types = [] }) => {
    const reads = decisionReads(await modulesIn(files))
    const names = (paths: InputReads['values']) => paths.map((path) => path.join('.'))
    expect({ values: names(reads.values).toSorted(), types: names(reads.types) }).toEqual({
      values: [...OWN, ...values].toSorted(),
      types,
    })
  })
})

test('what a mask can read, and nothing that a decision needs', async () => {
  const modules = await modulesIn({
    ...main('decision if input.a'),
    'mcp/log/log.rego':
      'package mcp.log\n\nmask contains "/input/x" if {\n\tis_object(input.input.x)\n\t_told\n}\n\n_told if input.result.effect == "deny"\n',
  })
  expect(maskReads(modules)).toEqual({ values: [['result', 'effect']], types: [['input', 'x']] })
})
