import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Body, check, saidOf } from './checked.ts'

const FIXED = '{"code": "c", "message": "m"}'
const CASES: readonly (Body & { readonly line?: number })[] = [
  { name: 'a fixed reason', body: `deny contains ${FIXED} if input.subject.type == "agent"` },
  {
    name: 'a rule that conditions decide on',
    body: `deny contains _reason\n\n_reason := ${FIXED} if input.subject.type == "a"`,
  },
  { name: 'a template', body: 'deny contains {"code": "c", "message": $"not {input.subject.id}"}', line: 1 },
  { name: 'the attribute itself', body: 'permit contains input.subject.id', line: 1 },
  {
    name: 'a variable',
    body: 'deny contains reason if {\n\twho := input.subject.id\n\treason := concat(" ", ["not", who])\n}',
    line: 1,
  },
  {
    name: 'an element',
    body: 'deny_call contains path if some path in input.resource.properties.paths',
    line: 1,
  },
  { name: 'a rule', body: 'deny contains _reason\n\n_reason := {"message": input.action.name}', line: 1 },
  { name: 'a function', body: 'deny contains _reason("x")\n\n_reason(x) := [x, input.action.name]', line: 1 },
  {
    name: 'a comprehension that only asks',
    body: 'deny contains said if {\n\tsaid := [text | some text in {"a"}; input.subject.type == "agent"]\n}',
  },
  { name: 'a limit, which is meant to name its caller', body: 'limit contains input.subject.id' },
]

let said: ReadonlyMap<string, readonly string[]>
beforeAll(async () => {
  said = await saidOf('input-in-reason', CASES)
}, 60_000)

describe('a reason that depends on the input is reported', () => {
  test.each(CASES)('$name', ({ name, body, line }) => {
    const kind = body.split(' ')[0]
    const at = `mcp.rules.t.c${CASES.findIndex((one) => one.name === name)}`
    expect(said.get(name)).toEqual(
      line === undefined ? [] : [`error ${line} what ${kind} of ${at} says depends on the input`],
    )
  })
})

describe('title and code', () => {
  const rule = (name: string, metadata: string) => ({
    [`mcp/rules/t/${name}/${name}.rego`]: `${metadata}package mcp.rules.t.${name}\n\ndeny contains {"code": "x", "message": "x"}\n`,
  })
  const labelled = (title: string, code: string) => `# METADATA\n# title: ${title}\n# custom:\n#   code: ${code}\n`

  test('are wanted of every package of rules, and no code twice', async () => {
    const found = await check({
      ...rule('a', labelled('A', 't.a')),
      ...rule('b', labelled('B', 't.a')),
      ...rule('c', ''),
      ...rule('d', labelled('" "', '7')),
      'mcp/lib/l/l.rego': 'package mcp.lib.l\n\nx := 1\n',
    })
    const lines = found.map(
      ({ check: kind, level, file, line, message }) => `${level} ${kind} ${file}:${line} ${message}`,
    )
    expect(lines).toEqual([
      'error rule-code mcp/rules/t/b/b.rego:5 package mcp.rules.t.b has the code "t.a" of mcp/rules/t/a/a.rego',
      'error rule-code mcp/rules/t/c/c.rego:1 package mcp.rules.t.c has no code',
      'error rule-title mcp/rules/t/c/c.rego:1 package mcp.rules.t.c has no title',
      'error rule-code mcp/rules/t/d/d.rego:5 package mcp.rules.t.d has no code',
      'error rule-title mcp/rules/t/d/d.rego:5 package mcp.rules.t.d has no title',
    ])
  }, 30_000)
})
