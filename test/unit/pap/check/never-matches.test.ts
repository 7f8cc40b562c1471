import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Body, saidOf } from './checked.ts'

const never = (what: string) => `error 1 there is no ${what}, so this never matches`

const CASES: readonly (Body & { readonly said: readonly string[] })[] = [
  {
    name: 'an action',
    body: 'permit contains "x" if input.action.name == "tools/cal"',
    said: [never('action "tools/cal"')],
  },
  { name: 'an action that is known', body: 'permit contains "x" if input.action.name == "tools/call"', said: [] },
  { name: 'an action of administration', body: 'permit contains "x" if input.action.name == "policy/read"', said: [] },
  {
    name: 'an action that other entrances may bring',
    body: 'permit contains "x" if input.action.name == "ledger/close"',
    said: ['warning 1 there is no action "ledger/close", so this never matches'],
  },
  {
    name: 'an action in a list',
    body: 'permit contains "x" if input.action.name in {"tools/call", "tools/lisst"}',
    said: [never('action "tools/lisst"')],
  },
  {
    name: 'an action in a table of the package',
    body: 'permit contains "x" if _actions[input.action.name]\n\n_actions := {"prompts/gett", "ping"}',
    said: [never('action "prompts/gett"')],
  },
  {
    name: 'an action as key of an object',
    body: 'permit contains "x" if _actions[input.action.name] > 1\n\n_actions := {"prompts/gett": 2}',
    said: [never('action "prompts/gett"')],
  },
  {
    name: 'an action by unequal',
    body: 'deny contains "x" if input.action.name != "tools/cal"',
    said: [never('action "tools/cal"')],
  },
  {
    name: 'an action under not',
    body: 'deny contains "x" if not input.action.name == "tools/cal"',
    said: [never('action "tools/cal"')],
  },
  {
    name: 'the beginning of an action',
    body: 'permit contains "x" if startswith(input.action.name, "tool/")',
    said: ['warning 1 no action begins with "tool/", so this never matches'],
  },
  {
    name: 'the beginning of known actions',
    body: 'permit contains "x" if startswith(input.action.name, "tools/")',
    said: [],
  },
  {
    name: 'a resource type',
    body: 'permit contains "x" if input.resource.type == "tol"',
    said: [never('resource type "tol"')],
  },
  {
    name: 'a tool, where a tool is meant',
    body: 'permit contains "x" if {\n\tinput.resource.type == "tool"\n\tinput.resource.id == "frobnicate"\n}',
    said: ['error 3 there is no tool "frobnicate", so this never matches'],
  },
  {
    name: 'something whose id is unlike that of any tool',
    body: 'permit contains "x" if input.resource.id == "file:///readme.md"',
    said: [],
  },
  {
    name: 'a mistyped tool, whatever is meant',
    body: 'permit contains "x" if input.resource.id == "raedFile"',
    said: [never('tool "raedFile"')],
  },
  {
    name: 'another tool in the package of one',
    tool: 'writeFile',
    body: 'deny contains "x" if input.resource.id == "nothing-of-ours"',
    said: [never('tool "nothing-of-ours"')],
  },
  {
    name: 'a role',
    body: 'deny contains "x" if "root" in input.subject.properties.roles',
    said: [never('role "root"')],
  },
  {
    name: 'a role that is only inherited',
    body: 'deny contains "x" if "staff" in input.subject.properties.roles',
    said: [],
  },
  {
    name: 'a role by iteration',
    body: 'deny contains "x" if input.subject.properties.roles[_] == "root"',
    said: [never('role "root"')],
  },
  {
    name: 'a role by a variable',
    body: 'deny contains "x" if {\n\tsome role in input.subject.properties.roles\n\trole in {"writer", "root"}\n}',
    said: ['error 3 there is no role "root", so this never matches'],
  },
  {
    name: 'a role by a helper',
    body: 'deny contains "x" if _has_role("root")\n\n_has_role(name) if name in input.subject.properties.roles',
    said: [never('role "root"')],
  },
  {
    name: 'a known role by a helper',
    body: 'deny contains "x" if _has_role("writer")\n\n_has_role(name) if name in input.subject.properties.roles',
    said: [],
  },
  {
    name: 'a helper with another way to hold',
    body: 'deny contains "x" if _is("root")\n\n_is(name) if name in input.subject.properties.roles\n\n_is(name) if name == input.subject.id',
    said: [],
  },
  {
    name: 'a scope by way of sets',
    body: 'deny contains "x" if _scopes["mcp:rite"]\n\n_scopes := graph.reachable(data.mcp.scopes, _own) | _own\n\n_own contains scope if some scope in input.subject.properties.scopes',
    said: [never('scope "mcp:rite"')],
  },
  {
    name: 'an access',
    body: 'deny_call contains "x" if {\n\tsome path in input.resource.properties.paths\n\tpath.access == "execute"\n}',
    said: ['error 3 there is no value of input.resource.properties.paths.*.access "execute", so this never matches'],
  },
  {
    name: 'an era',
    body: 'deny contains "x" if input.context.era == "future"',
    said: [never('value of input.context.era "future"')],
  },
  {
    name: 'a number out of its range',
    body: 'deny contains "x" if input.context.weekday == 0',
    said: ['error 1 input.context.weekday is never 0'],
  },
  { name: 'a number in its range', body: 'deny contains "x" if input.context.weekday in {6, 7}', said: [] },
  {
    name: 'two actions at once',
    body: 'deny contains "x" if {\n\tinput.action.name == "tools/call"\n\tinput.action.name == "tools/list"\n}',
    said: [
      'error 3 input.action.name is tools/list here, but input.action.name is tools/call above: this never matches',
    ],
  },
  {
    name: 'an action that is not about such a resource',
    body: 'deny contains "x" if {\n\tinput.resource.type == "prompt"\n\tinput.action.name == "tools/call"\n}',
    said: ['error 3 input.action.name is tools/call here, but input.resource.type is prompt above: this never matches'],
  },
  {
    name: 'a comprehension',
    body: 'deny contains "x" if count([1 | input.action.name == "tools/cal"]) > 0',
    said: [never('action "tools/cal"')],
  },
  {
    name: 'an else branch',
    body: 'deny contains _x if input.subject.id == "a"\n\n_x := "a" if input.subject.id == "b"\n\nelse := "b" if input.action.name == "tools/cal"',
    said: ['error 5 there is no action "tools/cal", so this never matches'],
  },
  {
    name: 'variables made equal to each other',
    body: 'deny contains "x" if {\n\ta = b\n\tsome a in input.subject.properties.roles\n\tsome b in input.subject.properties.scopes\n}',
    said: [],
  },
  { name: 'a default', body: 'deny contains "x" if object.get(input.action, "name", "none") == "none"', said: [] },
]

let said: ReadonlyMap<string, readonly string[]>
beforeAll(async () => {
  said = await saidOf('never-matches', CASES)
}, 60_000)

describe('a condition on a word that nobody knows is reported, and no other', () => {
  test.each(CASES)('$name', ({ name, said: wanted }) => {
    expect(said.get(name)).toEqual(wanted)
  })
})
