import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Body, saidOf } from './checked.ts'

const SERVER = 'input.resource.properties.server'
const MFA = 'input.subject.properties.claims.mfa'

const CASES: readonly (Body & {
  readonly at?: readonly [number, string]
  readonly level?: 'warning'
  readonly not?: true
})[] = [
  { name: 'unequal', body: `deny contains "x" if ${SERVER} != "files"`, at: [1, SERVER] },
  { name: 'a claim that is false', body: `deny contains "x" if ${MFA} == false`, at: [1, MFA] },
  { name: 'a claim that is true', body: `deny contains "x" if ${MFA} == true`, at: [1, MFA], level: 'warning' },
  { name: 'a claim by itself', body: `deny contains "x" if ${MFA}`, at: [1, MFA], level: 'warning' },
  { name: 'a number', body: `deny contains "x" if ${MFA} > 1`, at: [1, MFA] },
  { name: 'a function', body: `deny contains "x" if startswith(${SERVER}, "ext-")`, at: [1, SERVER] },
  {
    name: 'an argument of any tool',
    body: 'deny_call contains "x" if count(input.resource.properties.arguments.names) > 3',
    at: [1, 'input.resource.properties.arguments.names'],
  },
  {
    name: 'the arguments as a whole',
    body: 'deny_call contains "x" if count(input.resource.properties.arguments) > 3',
  },
  {
    name: 'an argument that the tool requires, and one with a default',
    tool: 'writeFile',
    body: 'deny_call contains "x" if not endswith(input.resource.properties.arguments.path, ".md")',
  },
  {
    name: 'an optional argument of the tool',
    tool: 'readFile',
    body: 'deny_call contains "x" if input.resource.properties.arguments.path != "/a"\n\ndeny_call contains "y" if input.resource.properties.server != "files"',
  },
  { name: 'a helper', body: `deny contains "x" if _bad\n\n_bad if ${SERVER} != "files"`, at: [3, SERVER] },
  {
    name: 'a helper with a default that switches it off as well',
    body: `deny contains "x" if _bad\n\ndefault _bad := false\n\n_bad if ${SERVER} != "files"`,
    at: [5, SERVER],
  },
  {
    name: 'a helper with a default that denies',
    body: `deny contains "x" if _bad\n\ndefault _bad := true\n\n_bad := false if ${SERVER} == "files"`,
  },
  {
    name: 'a variable',
    body: `deny contains "x" if {\n\tserver := ${SERVER}\n\tserver != "files"\n}`,
    at: [2, SERVER],
  },
  { name: 'a negated helper', body: `deny contains "x" if not _good\n\n_good if ${SERVER} == "files"` },
  { name: 'a negated comparison', body: `deny contains "x" if not ${SERVER} == "files"` },
  { name: 'a negated attribute', body: `deny contains "x" if not ${MFA}` },
  {
    name: 'a negated function',
    body: `deny contains "x" if not startswith(${SERVER}, "own-")`,
    at: [1, SERVER],
    not: true,
  },
  { name: 'a negated unequal', body: `deny contains "x" if not ${SERVER} != "files"`, at: [1, SERVER], not: true },
  { name: 'a negated membership', body: `deny contains "x" if not ${SERVER} in {"files"}`, at: [1, SERVER], not: true },
  {
    name: 'a negated look-up',
    body: `deny contains "x" if not _own[${SERVER}]\n\n_own := {"files"}`,
    at: [1, SERVER],
    not: true,
  },
  {
    name: 'a negated function, with the import that mends it',
    body: `import future.keywords.not\n\ndeny contains "x" if not startswith(${SERVER}, "own-")`,
  },
  { name: 'a default', body: 'deny contains "x" if object.get(input.resource.properties, "server", "") != "files"' },
  {
    name: 'another rule for its absence',
    body: `deny contains "x" if ${MFA} == false\n\ndeny contains "x" if not ${MFA}`,
  },
  {
    name: 'a type that is asked for first',
    body: `deny contains "x" if {\n\tis_string(${SERVER})\n\t${SERVER} != "files"\n}`,
  },
  {
    name: 'iteration, which finds nothing in nothing',
    body: 'deny contains "x" if {\n\tsome tag in input.resource.properties.tags\n\ttag == "secret"\n}',
  },
  { name: 'iteration by brackets', body: 'deny contains "x" if input.resource.properties.tags[_] == "secret"' },
  {
    name: 'every, which nothing fails',
    body: 'deny contains "x" if every tag in input.resource.properties.tags { tag != "public" }',
    at: [1, 'input.resource.properties.tags'],
  },
  { name: 'what every input has', body: 'deny contains "x" if input.subject.properties.client_id != "editor"' },
  { name: 'a permit, which absence only takes away', body: `permit contains "x" if ${SERVER} != "files"` },
]

let said: ReadonlyMap<string, readonly string[]>
beforeAll(async () => {
  said = await saidOf('deny-undefined', CASES)
}, 60_000)

describe('a denial that an absent attribute would switch off is reported, and no other', () => {
  test.each(CASES)('$name', ({ name, body, tool, at, level = 'error', not }) => {
    const kind = body.includes('deny_call') ? 'deny_call' : 'deny'
    const what = `${kind} of mcp.${tool === undefined ? `rules.t.c${CASES.findIndex((one) => one.name === name)}` : `tools.${tool}`}`
    const wanted =
      at === undefined
        ? []
        : not
          ? [
              `error ${at[0]} ${what} negates a condition on ${at[1]}, which may be absent: then this is undefined and denies nothing`,
            ]
          : [`${level} ${at[0]} ${what} asks for ${at[1]}, which may be absent: then it denies nothing`]
    expect(said.get(name)).toEqual(wanted)
  })
})
