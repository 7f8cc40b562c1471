import { describe, expect, jest, test } from '@jest/globals'
import { check } from './checked.ts'

// several processes, on a machine that may be busy
jest.setTimeout(60_000)

/** What is said of data files, as `<file>:<line> <check> <message>`. */
async function said(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const found = await check(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`mcp/${name}/data.yaml`, text])),
  )
  return found.map(({ file, line, check: kind, message }) => `${file?.split('/')[1]}:${line} ${kind} ${message}`)
}

const PLANS = 'small: { max_bytes: 1 }\n'

describe('data files, by line,', () => {
  const cases: readonly { name: string; files: Readonly<Record<string, string>>; said: readonly string[] }[] = [
    {
      name: 'that are right',
      files: {
        roles:
          'a:\n  tools: ["*", readFile, weather]\n  paths: { read: [[], [users, { subject: id }]], write: [] }\n  may_write: false\n  plan: small\n  rank: 1\n  desk: left\n',
        inherits: 'a: []\nb: [a]\n',
        plans: PLANS,
        scopes: 'mcp:write: [mcp:read]\nmcp:read: []\n',
        paths: 'never: [.env]\n',
        catalogue: 'weather: { read_only: true, tags: [x], paths: { /path: read } }\n',
      },
      said: [],
    },
    {
      name: 'roles',
      files: {
        roles: `a:
  plan: smal
  tools: [readFile, raedFile, weather, 7]
  prompts: all
  rank: high
b:
  may_write: "true"
  tolls: [readFile]
  paths:
    read:
      - public
      - [..]
      - [users, { subject: name }]
    list: [[]]
    write: 3
`,
        plans: PLANS,
      },
      said: [
        'roles:2 unknown-plan role "a" names the plan "smal", which does not exist',
        'roles:3 role-shape role "a" has 7 among its tools',
        'roles:3 unknown-tool role "a" names the tool "raedFile", which the catalogue does not know',
        'roles:3 unknown-tool role "a" names the tool "weather", which the catalogue does not know',
        'roles:4 role-shape role "a" has prompts that are no list',
        'roles:5 role-shape role "a" has the rank "high"',
        'roles:7 role-shape role "b" has may_write "true"',
        'roles:8 role-shape role "b" has "tolls", which nothing reads',
        'roles:11 bad-prefix role "b" has the read prefix "public"',
        'roles:12 bad-prefix role "b" has the read prefix [".."]',
        'roles:13 bad-prefix role "b" has the read prefix ["users",{"subject":"name"}]',
        'roles:14 bad-prefix role "b" has paths for "list"',
        'roles:15 bad-prefix role "b" has paths.write that are no list of prefixes',
      ],
    },
    {
      name: 'inheritance and scopes',
      files: {
        roles: 'a: {}\nb: {}\n',
        inherits: '# role → roles\na: [b, ghost, root]\nghost: []\n',
        scopes: 'mcp:write: [mcp:raed]\nmcp:read: everything\n',
      },
      said: [
        'inherits:1 unknown-role role "b" is no key',
        'inherits:2 unknown-role role "a" inherits "b", which is no role here',
        'inherits:2 unknown-role role "a" inherits "root", which is no role here',
        'inherits:3 unknown-role role "ghost" is described nowhere',
        'scopes:1 unknown-scope scope "mcp:write" implies "mcp:raed", which is no scope here',
        'scopes:2 unknown-scope scope "mcp:read" implies "everything", which is no scope here',
      ],
    },
    {
      name: 'plans',
      files: {
        plans:
          'a:\n  per_day:\n    limit: -1\n  per_minute: { limit: "60", burst: .inf }\n  concurrent: { limit: .nan, lease: ~ }\n',
      },
      said: [
        'plans:3 bad-figure a.per_day.limit is -1',
        'plans:4 bad-figure a.per_minute.burst is Infinity',
        'plans:4 bad-figure a.per_minute.limit is "60"',
        'plans:5 bad-figure a.concurrent.lease is null',
        'plans:5 bad-figure a.concurrent.limit is NaN',
      ],
    },
    {
      name: 'names that are closed, and what is vouched for',
      files: {
        paths: 'never:\n  - .env\n  - a/b\n',
        catalogue: 'weather:\n  readonly: true\n  tags: x\n  paths: { path: read }\nclock: yes\n',
      },
      said: [
        'catalogue:2 tool-shape tool "weather" has "readonly", which nothing reads',
        'catalogue:3 tool-shape tool "weather" has tags "x"',
        'catalogue:4 tool-shape tool "weather" has paths {"path":"read"}',
        'catalogue:5 tool-shape tool "clock" is not described by a mapping',
        'paths:3 bad-prefix "a/b" is no name',
      ],
    },
    {
      name: 'that are no YAML',
      files: { plans: 'a: 1\nb: 2\na: 2\n' },
      said: ['plans:3 data-syntax Map keys must be unique'],
    },
  ]
  test.each(cases)('$name', async ({ files, said: wanted }) => {
    expect(await said(files)).toEqual(wanted)
  })

  test('also as JSON', async () => {
    const found = await check({ 'mcp/scopes/data.json': '{\n  "mcp:write": [\n    "mcp:raed"\n  ]\n}\n' })
    expect(found).toEqual([
      {
        check: 'unknown-scope',
        level: 'error',
        file: 'mcp/scopes/data.json',
        line: 3,
        message: 'scope "mcp:write" implies "mcp:raed", which is no scope here',
        remedy: 'Imply a list of scopes, each a key of this file',
      },
    ])
  })
})
