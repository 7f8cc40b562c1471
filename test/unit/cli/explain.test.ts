import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { BUILD_CAPABILITIES, findOpa } from '../../../src/cli/package.ts'
import type { DecisionRecord, OutcomeRecord } from '../../../src/model/record.ts'
import { buildBundle } from '../../../src/pap/bundle/build.ts'
import { writeTree } from '../../policy/tools.ts'
import { ask, readFile } from '../pap/explain/question.ts'
import { TREE } from '../pap/explain/tree.ts'
import { run } from './run.ts'

let dir: string
let bundle: string
let sha256: string
let tree: ReturnType<typeof writeTree>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-explain-'))
  bundle = join(dir, 'bundle.tar.gz')
  tree = writeTree(TREE)
  const built = await buildBundle({
    policyDir: tree.dir,
    opa: await findOpa(),
    capabilities: BUILD_CAPABILITIES,
    tools: ['writeFile'],
    revision: 'r1',
    out: bundle,
  })
  if (!built.ok) throw new Error(JSON.stringify(built.error))
  sha256 = built.value.sha256
}, 60_000)
afterAll(async () => {
  tree.remove()
  await rm(dir, { recursive: true })
})

const asked = (...args: readonly string[]) => run('explain', '--policies', bundle, ...args)
const call = (roles: string, tool: string, path: string) =>
  asked('--subject', 'alice', '--roles', roles, '--tool', tool, '--path', path)

describe('explain', () => {
  test('a permit, with what it is limited to', async () => {
    expect(await call('reader', 'readFile', '/public/a')).toEqual({
      code: 0,
      stderr: '',
      stdout: `PERMITTED
  alice, role reader, scope mcp:write
  tools/call of tool readFile, /path /public/a (read)
  policy r1

Because
  tools.granted  The role grants this tool

Fired
  permit     rules.tools.granted  The role grants this tool
    mcp/rules/tools/granted/granted.rego:14  input.resource.id in role.tools
      where input.resource.id = "readFile", role.tools = ["readFile"]
  scope      rules.scopes.needed  Operations need a scope (mcp:read)
    mcp/rules/scopes/needed/needed.rego:11  scope contains "mcp:read" if input.resource.properties.read_only == true
      where input.resource.properties.read_only = true

Came nearest
  deny_call  rules.paths.never  A name is closed
    mcp/rules/paths/never/never.rego:13  failed: ".env" in path.segments
      where path.segments = ["public","a"]

3 more rules were considered; --all shows them

Lines are those of the source in the bundle, which OPA wrote anew.

Limits
  calls  rate 60 per 60 s, burst 10, key urn:portcullis:eval / "" / alice
`,
    })
  })

  test('a path outside, and what would be inside', async () => {
    expect(await call('editor', 'writeFile', '/docs/x')).toEqual({
      code: 1,
      stderr: '',
      stdout: `DENIED, and the caller is told why
  alice, role editor, scope mcp:write
  tools/call of tool writeFile, /path /docs/x (write)
  policy r1

Because
  paths.outside  A path lies outside

Fired
  deny_call  rules.paths.outside  A path lies outside
    mcp/rules/paths/outside/outside.rego:11  deny_call contains _reason if not _inside, since this failed:
      :14  every path in input.resource.properties.paths, since this failed:
        :16  array.slice(path.segments, 0, count(prefix)) == prefix
          where path.segments = ["docs","x"], prefix = ["users","alice"]
  permit     rules.tools.granted  The role grants this tool
    mcp/rules/tools/granted/granted.rego:14  input.resource.id in role.tools
      where input.resource.id = "writeFile", role.tools = ["writeFile"]

5 more rules were considered; --all shows them

Lines are those of the source in the bundle, which OPA wrote anew.

It would be permitted with one of
  the role boss
  /path below /users/alice
`,
    })
  })

  test('a hidden tool, and every rule', async () => {
    const { code, stdout } = await asked(
      ...[
        '--subject',
        'alice',
        '--roles',
        'reader',
        '--scopes',
        '',
        '--tool',
        'writeFile',
        '--path',
        '/public/.x',
        '--all',
      ],
    )
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `DENIED, and hidden: answered as if it did not exist
  alice, role reader, no scope
  tools/call of tool writeFile, /path /public/.x (write)
  policy r1

Because
  main.no_permit  No rule permits this

Fired
  limit      rules.limits.calls   Calls per minute
    mcp/rules/limits/calls/calls.rego:22  input.action.name == "tools/call"
      where input.action.name = "tools/call"
  deny_call  rules.paths.outside  A path lies outside
    mcp/rules/paths/outside/outside.rego:11  deny_call contains _reason if not _inside, since this failed:
      :14  every path in input.resource.properties.paths, since this failed:
        :15  some prefix in prefixes.by_access[path.access]
          where path.access = "write"
  scope      rules.scopes.needed  Operations need a scope (mcp:write)
    mcp/rules/scopes/needed/needed.rego:13  scope contains "mcp:write" if input.resource.properties.read_only == false
      where input.resource.properties.read_only = false
  deny_call  tools.writeFile      No hidden files are written
    mcp/tools/writeFile/writeFile.rego:14  startswith(segment, ".")
      where segment = ".x"

Did not fire
  deny_call  rules.paths.never      A name is closed
    mcp/rules/paths/never/never.rego:13  failed: ".env" in path.segments
      where path.segments = ["public",".x"]
  deny       rules.subjects.broken  This breaks
    mcp/rules/subjects/broken/broken.rego:12  failed: "broken" in input.subject.properties.roles
      where input.subject.properties.roles = ["reader"]
  permit     rules.tools.granted    The role grants this tool
    mcp/rules/tools/granted/granted.rego:14  failed: input.resource.id in role.tools
      where input.resource.id = "writeFile", role.tools = ["readFile"]

Lines are those of the source in the bundle, which OPA wrote anew.

It would be permitted with
  the role boss and the scope mcp:write and /path without the name .x
`,
    })
  })

  test('what the server itself is asked for', async () => {
    const { code, stdout } = await asked('--subject', 'alice', '--method', 'tools/list')
    expect({ code, first: stdout.split('\n').slice(0, 3) }).toEqual({
      code: 1,
      first: [
        'DENIED, and hidden: answered as if it did not exist',
        '  alice, no role, scope mcp:write',
        '  tools/list of server portcullis',
      ],
    })
  })

  test('no decision, and where the evaluation broke', async () => {
    const { code, stdout } = await call('broken', 'readFile', '/public/a')
    expect({ code, stdout: stdout.replaceAll(/broken\.rego:\d+(:\d+)?/g, 'broken.rego:N') }).toEqual({
      code: 1,
      stdout: `NO DECISION, so refused: mcp/rules/subjects/broken/broken.rego:N: var assignment conflict
  alice, role broken, scope mcp:write
  tools/call of tool readFile, /path /public/a (read)
  policy r1

Lines are those of the source in the bundle, which OPA wrote anew.

Without conditions: opa eval broke off: mcp/rules/subjects/broken/broken.rego:N: eval_conflict_error: rule data.mcp.rules.subjects.broken._answer produced conflicting values:
  1 at mcp/rules/subjects/broken/broken.rego:N
  2 at mcp/rules/subjects/broken/broken.rego:N; Correct the policy; \`portcullis check\` shows the same
`,
    })
  })

  test('the same as JSON', async () => {
    const { code, stdout } = await asked(
      ...['--subject', 'alice', '--roles', 'reader', '--tool', 'readfile', '--format', 'json'],
    )
    const { explanation } = JSON.parse(stdout)
    expect({ code, members: Object.keys(explanation), unknown: explanation.unknown_tool }).toEqual({
      code: 1,
      members: ['input', 'policy', 'decision', 'rules', 'source', 'disagreements', 'changes', 'unknown_tool'],
      unknown: { closest: 'readFile' },
    })
  })

  test('of a policy folder, the lines that stand in it', async () => {
    const { stdout } = await run(
      ...[
        'explain',
        '--policies',
        tree.dir,
        '--subject',
        'a',
        '--roles',
        'reader',
        '--tool',
        'readFile',
        '--path',
        '/x',
      ],
    )
    expect(stdout).toContain(
      '  deny_call  rules.paths.outside  A path lies outside\n    mcp/rules/paths/outside/outside.rego:11  ',
    )
    expect(stdout).not.toContain('Lines are those')
  })
})

describe('explain a recorded decision', () => {
  const ID = '019a9c1e-52f0-7000-8000-000000000001'
  const input = ask({ roles: ['reader'], resource: readFile('docs', 'a') })
  const { arguments: _, ...properties } = input.resource.properties
  const masked = { ...input, resource: { ...input.resource, properties } }
  const reasons = [{ code: 'paths.outside', message: 'A path lies outside' }]
  const denied = { effect: 'deny', visible: true, reasons, scopes: [], limits: [], obligations: [] }

  const decision = (change: Partial<DecisionRecord> = {}): DecisionRecord => ({
    kind: 'decision',
    decision_id: ID,
    timestamp: '2026-11-22T15:44:30.250Z',
    request_id: 'r1',
    metrics: {},
    ...change,
  })
  const outcome: OutcomeRecord = {
    kind: 'outcome',
    decision_id: ID,
    timestamp: '2026-11-22T15:44:30.300Z',
    status: 'completed',
    bytes: 12,
    duration: 50_000,
    charged: true,
  }
  async function log(...lines: readonly (object | string)[]): Promise<string> {
    const file = join(dir, 'log.ndjson')
    await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
    return file
  }
  const shown = async (file: string, id = ID) => asked(id, '--log', file)

  test('a denial of the same policy, its arguments masked', async () => {
    const file = await log(
      decision({
        bundle: { revision: 'r1', sha256 },
        input: masked,
        erased: ['/input/resource/properties/arguments'],
        result: denied,
        stage: 'decide',
        refusal: 'denied',
      }),
    )
    const { code, stderr, stdout } = await shown(file)
    expect({ code, stderr, lines: stdout.split('\n').slice(0, 11) }).toEqual({
      code: 1,
      stderr: '',
      lines: [
        `Recorded 2026-11-22T15:44:30.250Z as ${ID}, request r1`,
        '  refused with denied at the step decide',
        '  Policy denied this call.',
        '  by policy r1, the one that explains it here',
        '  masked: /input/resource/properties/arguments; a condition that reads it may come out otherwise here',
        '',
        'DENIED, and the caller is told why',
        '  alice, role reader, scope mcp:write',
        '  tools/call of tool readFile, /path /docs/a (read)',
        '  policy r1',
        '',
      ],
    })
  })

  test('one that another policy decided otherwise', async () => {
    const file = await log(
      decision({
        bundle: { revision: 'r0', sha256: 'e3b0' },
        input,
        result: { ...denied, effect: 'permit', reasons: [{ code: 'tools.granted', message: '' }] },
      }),
      outcome,
    )
    const { code, stdout } = await shown(file)
    expect({ code, lines: stdout.split('\n').slice(0, 9) }).toEqual({
      code: 0,
      lines: [
        `Recorded 2026-11-22T15:44:30.250Z as ${ID}, request r1`,
        '  permitted',
        '  ended: completed, 12 bytes, charged',
        '  by policy r0, NOT the one that explains it here',
        '',
        'DECIDED OTHERWISE NOW than it was recorded',
        '  effect: permit then, deny now',
        '  reasons: tools.granted then, paths.outside now',
        '',
      ],
    })
  })

  test('one that ended before there was a question', async () => {
    const file = await log(decision({ stage: 'authenticate', refusal: 'token_invalid', cause: 'expired' }))
    expect(await shown(file)).toEqual({
      code: 1,
      stderr: '',
      stdout: `Recorded 2026-11-22T15:44:30.250Z as ${ID}, request r1
  refused with token_invalid at the step authenticate
  The access token was not accepted, so there was nobody to decide about.
  cause: expired
  not decided again: the request ended at the step "authenticate", before there was a question for policy
`,
    })
  })

  test('one that policy permitted and a limit did not', async () => {
    const state = {
      name: 'calls',
      kind: 'rate',
      limit: 60,
      used: 60,
      period_seconds: 60,
      resets_at: '2026-11-22T15:45:00.000Z',
      retry_after_seconds: 3,
      shadow: false,
    } as const
    const file = await log(
      decision({
        bundle: { revision: 'r1', sha256: 'e3b0' },
        input: ask({ roles: ['reader'] }),
        result: { ...denied, effect: 'permit', reasons: [], limits: [{ name: 'calls' }] },
        stage: 'meter',
        refusal: 'quota_exhausted',
        cause: 'calls',
        limits: [state],
      }),
    )
    const { code, stdout } = await shown(file)
    expect({ code, lines: stdout.split('\n').slice(0, 7) }).toEqual({
      code: 1,
      lines: [
        `Recorded 2026-11-22T15:44:30.250Z as ${ID}, request r1`,
        '  refused with quota_exhausted at the step meter',
        '  Policy permitted it, but a limit was used up. More roles or scopes change nothing about that.',
        '  cause: calls',
        '  limit calls: 60 of 60 used, until 2026-11-22T15:45:00.000Z',
        '  by policy r1, NOT the one that explains it here: same revision, other bytes',
        '',
      ],
    })
  })

  test('both as JSON', async () => {
    const file = await log(decision({ input, result: denied, stage: 'decide', refusal: 'denied' }))
    const { stdout } = await asked(ID, '--log', file, '--format', 'json')
    const { recorded, explanation } = JSON.parse(stdout)
    expect({ policy: recorded.policy, before: recorded.decision.result, now: explanation.decision }).toEqual({
      policy: 'none',
      before: denied,
      now: denied,
    })
  })

  test('an id that is not there, in a log with a damaged line', async () => {
    const file = await log(decision(), '{"kind":"deci')
    expect(await shown(file, '019affff')).toEqual({
      code: 2,
      stdout: '',
      stderr: `No decision 019affff in ${file}: it holds 1 records from 2026-11-22T15:44:30.250Z to 2026-11-22T15:44:30.250Z, and 1 damaged line, where it may have stood. Name the log of that time with --log\n`,
    })
  })

  test('the beginning of two ids', async () => {
    const file = await log(decision(), decision({ decision_id: `${ID.slice(0, -1)}2` }))
    expect(await shown(file, ID.slice(0, 12))).toEqual({
      code: 2,
      stdout: '',
      stderr: `${ID.slice(0, 12)} begins 2 decision ids; write more of the one that is meant:\n  ${ID}\n  ${ID.slice(0, -1)}2\n`,
    })
  })
})

describe('explain refuses', () => {
  test.each<{ what: string; args: readonly string[]; stderr: string }>([
    {
      what: 'no question',
      args: [],
      stderr: 'Name an input file, or --subject and either --tool or --method (--help shows examples)\n',
    },
    {
      what: 'a tool and a method',
      args: ['--subject', 'a', '--tool', 'readFile', '--method', 'ping'],
      stderr: 'Name an input file, or --subject and either --tool or --method (--help shows examples)\n',
    },
    {
      what: 'a method that is none',
      args: ['--subject', 'a', '--method', 'tools/lsit'],
      stderr: 'tools/lsit is no MCP method; did you mean tools/list?\n',
    },
    {
      what: 'a method that is about a tool',
      args: ['--subject', 'a', '--method', 'tools/call'],
      stderr: 'tools/call is about a tool: name it with --tool\n',
    },
    {
      what: 'a method that is about one thing',
      args: ['--subject', 'a', '--method', 'prompts/get'],
      stderr: 'prompts/get is about one thing by name: describe it in an input file\n',
    },
    {
      what: 'a log without an id',
      args: ['--log', 'x'],
      stderr: 'Name the decision id that is looked for in --log\n',
    },
    {
      what: 'a log that is not there',
      args: ['019affff', '--log', '/nowhere/log'],
      stderr: '/nowhere/log: no such log; name the file that `log.path` names\n',
    },
    {
      what: 'an id of a few letters',
      args: ['019a', '--log', '/dev/null'],
      stderr: '019a is too short for a decision id: write at least 8 characters\n',
    },
  ])('$what', async ({ args, stderr }) => {
    expect(await asked(...args)).toEqual({ code: 2, stdout: '', stderr })
  })

  test('a policy that is none', async () => {
    const { code, stdout, stderr } = await run(
      ...['explain', '--policies', join(dir, 'none.tar.gz'), '--subject', 'a', '--tool', 'readFile', '--path', 'a'],
    )
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      first: `${join(dir, 'none.tar.gz')} cannot be used:`,
    })
  })

  test('a policy folder on a machine without opa', async () => {
    const before = process.env
    process.env = { ...before, PORTCULLIS_OPA: '/nowhere/opa' }
    const { code, stdout, stderr } = await run(
      ...['explain', '--policies', tree.dir, '--subject', 'a', '--tool', 'readFile', '--path', 'a'],
    )
    process.env = before
    expect({ code, stdout, names: stderr.includes('PORTCULLIS_OPA=/nowhere/opa does not run') }).toEqual({
      code: 3,
      stdout: '',
      names: true,
    })
  })
})
