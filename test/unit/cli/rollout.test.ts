import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type AdminServer, openAdminServer } from './admin-server.ts'
import { run } from './run.ts'

const SHA = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const IDENTITY = { revision: 'r2', sha256: SHA, version: 7 }
const ACTIVE = { revision: 'r1', sha256: 'aa', activated_at: '2026-11-22T15:00:00.000Z' }
const SOURCE = {
  kind: 'bundle',
  location: '/srv/bundle.tar.gz',
  state: 'current',
  checked_at: '2026-11-22T15:44:00.000Z',
  age_seconds: 3,
  faults: [],
}
const FAULT = { file: 'mcp/roles/data.yaml', line: 3, message: 'role "x" is no key', remedy: 'Add `x: []`' }

let server: AdminServer
let bundle: string
let tokenFile: string
const environment = process.env
beforeAll(async () => {
  server = await openAdminServer()
  bundle = join(server.folder, 'bundle.tar.gz')
  tokenFile = join(server.folder, 'token')
  await writeFile(bundle, 'a bundle')
  await writeFile(tokenFile, 'a.b.c\n')
})
afterAll(async () => {
  process.env = environment
  await server.close()
})
beforeEach(() => {
  process.env = { ...environment, XDG_STATE_HOME: server.folder }
  server.asked.length = 0
  server.answers.clear()
})

const answer = (line: string, status: number, body: unknown) => server.answers.set(line, { status, body })
const lines = () => server.asked.map(({ line }) => line)

describe('portcullis rollout status', () => {
  test('says what is in force, what was and what could be, and how the source stands', async () => {
    answer('GET /admin/policies', 200, {
      active: ACTIVE,
      candidate: IDENTITY,
      source: { ...SOURCE, state: 'refused', faults: [FAULT] },
    })
    expect(await run('rollout', 'status', '--socket', server.socket)).toEqual({
      stdout: `active     r1 (sha256 aa), since 2026-11-22T15:00:00.000Z
previous   none
candidate  r2 version 7 (sha256 ${SHA})
source     refused: bundle /srv/bundle.tar.gz, asked 2026-11-22T15:44:00.000Z, confirmed 3 s ago
           mcp/roles/data.yaml:3: role "x" is no key; Add \`x: []\`
`,
      stderr: '',
      code: 1,
    })
  })

  test('as JSON', async () => {
    const status = { active: ACTIVE, previous: IDENTITY, source: SOURCE }
    answer('GET /admin/policies', 200, status)
    const { stdout, stderr, code } = await run('rollout', 'status', '--socket', server.socket, '--format', 'json')
    expect({ status: JSON.parse(stdout), stderr, code }).toEqual({ status, stderr: '', code: 0 })
  })
})

describe('portcullis rollout', () => {
  test('check sends the bundle as it is', async () => {
    answer('POST /admin/policies/check', 200, { candidate: IDENTITY })
    expect(await run('rollout', 'check', bundle, '--socket', server.socket)).toEqual({
      stdout: `candidate  r2 version 7 (sha256 ${SHA})\n`,
      stderr: '',
      code: 0,
    })
    const [{ headers, body } = { headers: {}, body: '' }] = server.asked
    expect({ type: headers['content-type'], authorization: headers.authorization, body: String(body) }).toEqual({
      type: 'application/gzip',
      authorization: undefined,
      body: 'a bundle',
    })
  })

  test('activate puts in force what was just checked', async () => {
    answer('POST /admin/policies/check', 200, { candidate: IDENTITY })
    answer('POST /admin/policies/activate', 200, { active: IDENTITY })
    expect(await run('rollout', 'activate', bundle, '--socket', server.socket)).toEqual({
      stdout: `active     r2 version 7 (sha256 ${SHA})\n`,
      stderr: '',
      code: 0,
    })
    expect(lines()).toEqual(['POST /admin/policies/check', 'POST /admin/policies/activate'])
    expect(JSON.parse(String(server.asked[1]?.body))).toEqual({ sha256: SHA })
  })

  test('activate ends at a bundle that is refused', async () => {
    const refusal = { error: 'policy_refused', message: 'The bundle cannot be used', faults: [FAULT] }
    answer('POST /admin/policies/check', 422, refusal)
    expect(await run('rollout', 'activate', bundle, '--socket', server.socket)).toEqual({
      stdout: '',
      stderr: 'The bundle cannot be used\n  mcp/roles/data.yaml:3: role "x" is no key; Add `x: []`\n',
      code: 1,
    })
    expect(lines()).toEqual(['POST /admin/policies/check'])
    const { stdout, code } = await run('rollout', 'check', bundle, '--socket', server.socket, '--format', 'json')
    expect({ refusal: JSON.parse(stdout), code }).toEqual({ refusal, code: 1 })
  })

  test('rollback', async () => {
    answer('POST /admin/policies/rollback', 200, { active: { revision: 'r0', sha256: 'bb' } })
    expect(await run('rollout', 'rollback', '--socket', server.socket)).toEqual({
      stdout: 'active     r0 (sha256 bb)\n',
      stderr: '',
      code: 0,
    })
    expect(server.asked.map(({ body }) => body.length)).toEqual([0])
  })
})

describe('the server that is asked', () => {
  beforeEach(() => {
    answer('GET /admin/policies', 200, { active: ACTIVE, source: SOURCE })
  })
  const authorization = () => server.asked.map(({ headers }) => headers.authorization)

  test('over HTTP, with the token of a file', async () => {
    const { code } = await run('rollout', 'status', '--url', server.url, '--token-file', tokenFile)
    expect({ code, authorization: authorization() }).toEqual({ code: 0, authorization: ['Bearer a.b.c'] })
  })

  test('over HTTP, with the token of the environment', async () => {
    process.env['PORTCULLIS_TOKEN'] = 'd.e.f'
    const { code } = await run('rollout', 'status', '--url', server.url)
    expect({ code, authorization: authorization() }).toEqual({ code: 0, authorization: ['Bearer d.e.f'] })
  })

  test('by the socket that the configuration names', async () => {
    process.env['PORTCULLIS_ADMIN_SOCKET'] = server.socket
    expect((await run('rollout', 'status')).code).toBe(0)
  })

  test('else the demo', async () => {
    const place = join(server.folder, 'portcullis', 'admin.sock')
    expect(await run('rollout', 'status')).toEqual({
      stdout: '',
      stderr: `No server answers at ${place} (ENOENT); start it with administration, or name another --socket or --url\n`,
      code: 3,
    })
  })

  test.each([
    {
      name: 'a token in the clear',
      flags: ['--url', 'http://mcp.example.com', '--token-file', 'TOKEN'],
      stderr: '--url http://mcp.example.com would carry the token in the clear; write its https address',
    },
    {
      name: 'an address with a path',
      flags: ['--url', 'https://mcp.example.com/mcp'],
      stderr: '--url https://mcp.example.com/mcp is no origin; write one like https://mcp.example.com',
    },
    {
      name: 'no address',
      flags: ['--url', 'mcp'],
      stderr: '--url mcp is no origin; write one like https://mcp.example.com',
    },
    {
      name: 'no token',
      flags: ['--url', 'https://mcp.example.com'],
      stderr: 'PORTCULLIS_TOKEN holds no token; name a file with one after --token-file',
    },
    {
      name: 'a file that is no token',
      flags: ['--url', 'https://mcp.example.com', '--token-file', 'BUNDLE'],
      stderr: 'BUNDLE holds no token; name a file with one after --token-file',
    },
    {
      name: 'a token for a socket',
      flags: ['--socket', '/x', '--token-file', 'TOKEN'],
      stderr: '--token-file goes with --url; a socket takes no token',
    },
  ])('is not asked with $name', async ({ flags, stderr }) => {
    const named = flags.map((flag) => ({ TOKEN: tokenFile, BUNDLE: bundle })[flag] ?? flag)
    expect(await run('rollout', 'status', ...named)).toEqual({
      stdout: '',
      stderr: `${stderr.replace('BUNDLE', bundle)}\n`,
      code: 2,
    })
    expect(server.asked).toEqual([])
  })

  test.each([
    { flags: ['rollout', 'status', '--socket', '/x', '--url', 'https://x'], says: 'cannot be used with' },
    { flags: ['rollout', 'check'], says: "missing required argument 'bundle'" },
    { flags: ['rollout', 'forward'], says: "unknown command 'forward'" },
    { flags: ['rollout', 'status', '--format', 'xml'], says: 'Allowed choices are pretty, json' },
  ])('$flags is a wrong command line', async ({ flags, says }) => {
    const { stderr, code } = await run(...flags)
    expect({ says: stderr.includes(says), code }).toEqual({ says: true, code: 2 })
  })

  test('a bundle that is not there', async () => {
    expect(await run('rollout', 'check', '/nowhere.tar.gz', '--socket', server.socket)).toEqual({
      stdout: '',
      stderr: '/nowhere.tar.gz cannot be read; name a bundle made by `portcullis build`\n',
      code: 2,
    })
  })
})

describe('what a server refuses', () => {
  test.each([
    {
      status: 403,
      body: {
        error: 'denied',
        message: 'Denied by policy',
        reasons: [{ code: 'main.no_permit', message: 'No rule permits this' }],
        decision_id: 'd1',
      },
      stderr: 'Denied by policy\n  No rule permits this [main.no_permit]\n  decision d1\n',
      code: 2,
    },
    {
      status: 403,
      body: { error: 'insufficient_scope', message: 'The access token lacks a scope', scopes: ['mcp:admin'] },
      stderr: 'The access token lacks a scope\n  the token needs mcp:admin\n',
      code: 2,
    },
    {
      status: 404,
      body: { error: 'not_found', message: 'There is nothing at this path' },
      stderr:
        'There is nothing at this path\n  administration over HTTP may be off: set admin.enabled, or use --socket\n',
      code: 2,
    },
    {
      status: 409,
      body: { error: 'policy_unchanged', message: 'What was in force stays in force', faults: [] },
      stderr: 'What was in force stays in force\n',
      code: 1,
    },
    {
      status: 429,
      body: { error: 'rate_limited', message: 'Too many requests' },
      stderr: 'Too many requests\n',
      code: 3,
    },
    {
      status: 503,
      body: { error: 'log_unavailable', message: 'temporarily unavailable' },
      stderr: 'temporarily unavailable\n',
      code: 3,
    },
    { status: 302, body: {}, stderr: 'The server answered 302\n', code: 3 },
  ])('$status $body.error', async ({ status, body, stderr, code }) => {
    answer('POST /admin/policies/rollback', status, body)
    expect(await run('rollout', 'rollback', '--socket', server.socket)).toEqual({ stdout: '', stderr, code })
  })

  test('and what is another server', async () => {
    answer('POST /admin/policies/rollback', 200, { status: 'ok' })
    expect(await run('rollout', 'rollback', '--socket', server.socket)).toEqual({
      stdout: '',
      stderr: 'What answers there is no Portcullis: its answer has no "active"\n',
      code: 3,
    })
  })

  test('and what speaks no JSON', async () => {
    answer('POST /admin/policies/rollback', 200, '<html>')
    expect(await run('rollout', 'rollback', '--socket', server.socket)).toEqual({
      stdout: '',
      stderr: `No server answers at ${server.socket} (200, not the JSON of Portcullis); start it with administration, or name another --socket or --url\n`,
      code: 3,
    })
  })
})
