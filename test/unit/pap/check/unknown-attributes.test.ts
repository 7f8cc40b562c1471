import { beforeAll, describe, expect, test } from '@jest/globals'
import { type Body, check, saidOf } from './checked.ts'

const CASES: readonly (Body & { readonly said: readonly string[] })[] = [
  {
    name: 'an argument that the tool does not take',
    tool: 'writeFile',
    body: 'deny_call contains {"code": "x", "message": "x"} if input.resource.properties.arguments.contents == ""',
    said: [
      'error 1 writeFile takes no argument "contents": input.resource.properties.arguments.contents is always undefined',
    ],
  },
  {
    name: 'an argument that it takes',
    tool: 'readFile',
    body: 'deny_call contains {"code": "x", "message": "x"} if input.resource.properties.arguments.path == ""',
    said: [],
  },
  {
    name: 'a plan',
    body: 'deny contains {"code": "x", "message": "x"} if data.mcp.plans.smal.max_bytes > 1',
    said: ['error 1 mcp/plans/data.yaml has no smal: data.mcp.plans.smal.max_bytes is always undefined'],
  },
  {
    name: 'a plan that is there',
    body: 'deny contains {"code": "x", "message": "x"} if data.mcp.plans.small.max_bytes > 1',
    said: [],
  },
  {
    name: 'what no role has',
    body: 'deny contains {"code": "x", "message": "x"} if {\n\tsome role in data.mcp.roles\n\trole.toools == "x"\n}',
    said: ['warning 3 mcp/roles/data.yaml has no *.toools: data.mcp.roles.*.toools is always undefined'],
  },
  {
    name: 'what may be absent',
    body: 'deny contains {"code": "x", "message": "x"} if not data.mcp.plans.smal',
    said: [],
  },
  {
    name: 'data of a folder that the tree does not have',
    body: 'deny contains {"code": "x", "message": "x"} if data.mcp.paths.never',
    said: [],
  },
]

let said: ReadonlyMap<string, readonly string[]>
beforeAll(async () => {
  said = await saidOf('unknown-attribute', CASES)
}, 60_000)

describe('what is never there is reported', () => {
  test.each(CASES)('$name', ({ name, said: wanted }) => {
    expect(said.get(name)).toEqual(wanted)
  })

  test('of the input also where no schema is annotated', async () => {
    const text = `# METADATA
# title: T
# custom:
#   code: t.x
package mcp.rules.t.x

deny contains {"code": "x", "message": "x"} if {
	some path in input.resource.properties.paths
	path.acces == "read"
}

deny contains {"code": "y", "message": "y"} if input.subject.proprties.tenant == "a"
`
    expect(await check({ 'mcp/rules/t/x/x.rego': text })).toEqual([
      {
        check: 'structure',
        level: 'error',
        file: 'mcp/rules/t/x/x.rego',
        line: 8,
        message:
          'deny of mcp.rules.t.x reads input.resource.properties.paths, and so input.resource.properties.paths, which lists do not have',
        remedy: 'Read the attribute in deny_call, scope, limit or oblige, or name the exact attribute that is meant',
      },
      {
        check: 'unknown-attribute',
        level: 'error',
        file: 'mcp/rules/t/x/x.rego',
        line: 9,
        message:
          'the policy input has no resource.properties.paths.*.acces: input.resource.properties.paths.*.acces is always undefined',
        remedy: 'Did you mean "access"? Name one of argument, segments, access',
      },
      {
        check: 'unknown-attribute',
        level: 'error',
        file: 'mcp/rules/t/x/x.rego',
        line: 12,
        message: 'the policy input has no subject.proprties: input.subject.proprties.tenant is always undefined',
        remedy: 'Did you mean "properties"? Name one of type, id, properties',
      },
    ])
  }, 30_000)
})
