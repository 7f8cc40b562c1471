import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { formatFaults, loadConfig } from '../../../src/config/load.ts'
import { CONFIG_KEYS } from '../../../src/config/sources.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-config-'))
afterAll(() => rm(folder, { recursive: true }))
await mkdir(join(folder, 'workspace'))
await mkdir(join(folder, 'policies'))
await writeFile(join(folder, 'bundle.tar.gz'), '')
await writeFile(join(folder, 'keys.json'), '{}')
let files = 0

const ISSUER = `issuers:
  - issuer: https://login.example.com
    audiences: [https://mcp.example.com/mcp]
    jwks: { url: https://login.example.com/jwks }
`
const GOOD = `workspace: workspace
policies: policies
${ISSUER}`

type Given = {
  yaml?: string
  env?: Record<string, string>
  flags?: { port?: string; policies?: string }
  demo?: unknown
}

async function load({ yaml, env = {}, flags = {}, demo }: Given) {
  const file = join(folder, `${files++}.yaml`)
  if (yaml !== undefined) await writeFile(file, yaml)
  const loaded = await loadConfig({ ...(yaml === undefined ? {} : { file }), env, flags, demo, cwd: folder })
  return { loaded, file }
}

async function configOf(given: Given) {
  const { loaded } = await load(given)
  if (!loaded.ok) throw new Error(formatFaults(loaded.error))
  return loaded.value
}

/** One line per fault, the file called F. */
async function faultsOf(given: Given): Promise<string[]> {
  const { loaded, file } = await load(given)
  if (loaded.ok) return []
  return formatFaults(loaded.error)
    .replaceAll(file, 'F')
    .replaceAll(folder, 'D')
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
}

test('the least configuration, with every default', async () => {
  expect(await configOf({ yaml: GOOD })).toEqual({
    name: 'portcullis',
    public_url: 'http://127.0.0.1:3000',
    listen: { host: '127.0.0.1', port: 3000 },
    trusted_proxies: [],
    allowed_hosts: [],
    allowed_origins: [],
    issuers: [
      {
        issuer: 'https://login.example.com',
        audiences: ['https://mcp.example.com/mcp'],
        jwks: { url: 'https://login.example.com/jwks', max_stale: 3600, private_addresses: false },
        algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'],
        token_types: ['at+jwt'],
        required_claims: [],
        home: false,
        clock_tolerance: 30,
        max_lifetime: 86_400,
        claims: { roles: '/roles', roles_format: 'array', type: { values: {}, default: 'user' }, keep: [] },
      },
    ],
    resource_metadata: { publish: true, scopes_supported: ['mcp:read'], scope_prefix: '' },
    revocations_max_stale: 3600,
    tools: [],
    workspace: join(folder, 'workspace'),
    policies: join(folder, 'policies'),
    policy: {
      watch: true,
      max_bytes: 67_108_864,
      token: {},
      client_certificate: {},
      poll: { min_seconds: 10, max_seconds: 30, wait_seconds: 60, timeout_seconds: 30 },
    },
    quota: { max_keys: 100_000, store_timeout_ms: 1000 },
    log: {
      sink: 'stdout',
      max_bytes: 104_857_600,
      max_files: 10,
      mode: 'strict',
      buffer: 1024,
      timeout_ms: 2000,
      unauthenticated_per_second: 10,
    },
    limits: {
      body_bytes: 1_048_576,
      header_count: 100,
      header_bytes: 32_768,
      headers_timeout_ms: 5000,
      request_timeout_ms: 15_000,
      idle_timeout_ms: 60_000,
      max_connections: 1000,
      per_address: { per_second: 100, burst: 200 },
      per_subject: { per_second: 50, burst: 100 },
      decision_budget_ms: 50,
      drain_ms: 10_000,
    },
    denials: { http_status: false, detail: 'full' },
    admin: { enabled: false },
    shadow: { budget_ms: 50, queue: 1000 },
    enforce: true,
  })
})

describe('the order of sources', () => {
  const demo = { listen: { port: 1, host: '127.0.0.9' }, name: 'demo' }
  const yaml = `${GOOD}listen: { port: 2 }\n`
  const env = { PORTCULLIS_LISTEN_PORT: '3' }
  test.each<{ name: string; given: Given; port: number }>([
    { name: 'the demo over the defaults', given: { yaml: GOOD, demo }, port: 1 },
    { name: 'the file over the demo', given: { yaml, demo }, port: 2 },
    { name: 'the environment over the file', given: { yaml, demo, env }, port: 3 },
    { name: 'the flags over all', given: { yaml, demo, env, flags: { port: '4' } }, port: 4 },
  ])('$name', async ({ given, port }) => {
    expect((await configOf(given)).listen).toEqual({ host: given.demo === undefined ? '127.0.0.1' : '127.0.0.9', port })
  })

  test('a list replaces the one below it', async () => {
    const config = await configOf({ yaml: `${GOOD}allowed_hosts: [a, b]`, env: { PORTCULLIS_ALLOWED_HOSTS: 'c, d' } })
    expect(config.allowed_hosts).toEqual(['c', 'd'])
  })
})

describe('a value from the environment', () => {
  test.each<{
    name: string
    env: Record<string, string>
    read: (config: Awaited<ReturnType<typeof configOf>>) => unknown
    value: unknown
  }>([
    { name: 'true or false', env: { PORTCULLIS_ENFORCE: 'false' }, read: (config) => config.enforce, value: false },
    { name: 'text', env: { PORTCULLIS_LOG_MODE: 'lenient' }, read: (config) => config.log.mode, value: 'lenient' },
    {
      name: 'deep',
      env: { PORTCULLIS_LIMITS_PER_SUBJECT_BURST: '7', PORTCULLIS_LIMITS_PER_ADDRESS_BURST: '8' },
      read: ({ limits }) => [limits.per_subject, limits.per_address],
      value: [
        { per_second: 50, burst: 7 },
        { per_second: 100, burst: 8 },
      ],
    },
    {
      name: 'a list of mappings',
      env: { PORTCULLIS_ISSUERS: '[{"issuer":"urn:x","audiences":["a"],"jwks":{"file":"keys.json"}}]' },
      read: ({ issuers }) => issuers.map(({ issuer, jwks }) => [issuer, jwks.file]),
      value: [['urn:x', join(folder, 'keys.json')]],
    },
    {
      name: 'Kubernetes service variables are none of ours',
      env: {
        PORTCULLIS_PORT: 'tcp://10.0.0.1:80',
        PORTCULLIS_SERVICE_HOST: '10.0.0.1',
        PORTCULLIS_OPA: '/x',
        PORTCULLIS_TOKEN: 'x',
      },
      read: ({ listen }) => listen.port,
      value: 3000,
    },
  ])('$name', async ({ env, read, value }) => {
    expect(read(await configOf({ yaml: GOOD, env }))).toEqual(value)
  })
})

test('every setting has a variable of its own and a description', () => {
  expect(new Set(CONFIG_KEYS.map(({ env }) => env)).size).toBe(CONFIG_KEYS.length)
  expect(CONFIG_KEYS.filter(({ schema }) => !('description' in schema)).map(({ env }) => env)).toEqual([])
})

describe('relative paths', () => {
  test('of the file start from its folder, those of environment and flags from the working directory', async () => {
    await mkdir(join(folder, 'etc/ws'), { recursive: true })
    const file = join(folder, 'etc/p.yaml')
    await writeFile(
      file,
      `workspace: ws\npolicies: nowhere\nlog: { path: d.ndjson }\nadmin: { socket: a.sock }\n${ISSUER}`,
    )
    const env = { PORTCULLIS_REVOCATIONS: 'keys.json' }
    const loaded = await loadConfig({ file, env, flags: { policies: 'bundle.tar.gz' }, cwd: folder })
    if (!loaded.ok) throw new Error(formatFaults(loaded.error))
    const { workspace, policies, revocations, log, admin } = loaded.value
    expect({ workspace, policies, revocations, log: log.path, socket: admin.socket }).toEqual({
      workspace: join(folder, 'etc/ws'),
      policies: join(folder, 'bundle.tar.gz'),
      revocations: join(folder, 'keys.json'),
      log: join(folder, 'etc/d.ndjson'),
      socket: join(folder, 'etc/a.sock'),
    })
  })
})

describe('public_url', () => {
  test.each<{ name: string; given: Given; expected: string }>([
    { name: 'follows the port', given: { yaml: GOOD, flags: { port: '4000' } }, expected: 'http://127.0.0.1:4000' },
    { name: 'of IPv6', given: { yaml: `${GOOD}listen: { host: "::1" }` }, expected: 'http://[::1]:3000' },
    {
      name: 'as written',
      given: { yaml: `${GOOD}public_url: https://mcp.example.com` },
      expected: 'https://mcp.example.com',
    },
  ])('$name', async ({ given, expected }) => {
    expect((await configOf(given)).public_url).toBe(expected)
  })
})

const KNOWN =
  'name, public_url, listen, trusted_proxies, allowed_hosts, allowed_origins, issuers, resource_metadata, revocations, revocations_max_stale, tools, workspace, policies, policy, quota, log, limits, denials, admin, shadow, enforce'

describe('G-020 a fault of form', () => {
  test.each<{ name: string; given: Given; faults: string[] }>([
    {
      name: 'an unknown key',
      given: { yaml: `${GOOD}listn: {}` },
      faults: ['F:7:1: listn: unknown key; write listen'],
    },
    {
      name: 'an unknown key like none',
      given: { yaml: `${GOOD}zzzzzz: 1` },
      faults: [`F:7:1: zzzzzz: unknown key; remove it; known here: ${KNOWN}`],
    },
    {
      name: 'a nested unknown key',
      given: { yaml: `${GOOD}log:\n  mod: strict` },
      faults: ['F:8:3: log.mod: unknown key; write mode'],
    },
    {
      name: '__proto__',
      given: { yaml: `${GOOD}__proto__: { enforce: false }` },
      faults: [`F:7:1: __proto__: unknown key; remove it; known here: ${KNOWN}`],
    },
    {
      name: 'a wrong type',
      given: { yaml: `${GOOD}listen:\n  port: "x"` },
      faults: ['F:8:3: listen.port: expected a whole number from 0 to 65535; write for example port: 3000'],
    },
    {
      name: 'a number out of range',
      given: { yaml: `${GOOD}listen: { port: 70000 }` },
      faults: ['F:7:11: listen.port: expected a whole number from 0 to 65535; write for example port: 3000'],
    },
    {
      name: 'a number that is none',
      given: { yaml: `${GOOD}quota: { max_keys: .nan }` },
      faults: [
        'F:7:10: quota.max_keys: expected a whole number from 100 to 10000000; write for example max_keys: 100000',
      ],
    },
    {
      name: 'a choice that is none',
      given: { yaml: `${GOOD}denials: { detail: loud }` },
      faults: ['F:7:12: denials.detail: expected one of full, minimal; write for example detail: full'],
    },
    {
      name: 'a section without content',
      given: { yaml: `${GOOD}listen:` },
      faults: ['F:7:1: listen: expected a mapping; write for example listen: {}'],
    },
    {
      name: 'an element of a list',
      given: { yaml: `${GOOD}allowed_hosts: [ok, "http://x"]` },
      faults: [
        'F:7:21: allowed_hosts.1: expected text that matches ^(\\[[0-9a-f:.]+\\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$; correct it',
      ],
    },
    {
      name: 'B-033 no audience',
      given: {
        yaml: 'workspace: workspace\npolicies: policies\nissuers:\n  - issuer: https://a\n    jwks: { file: keys.json }',
      },
      faults: [
        'F:4:5: issuers.0.audiences: missing; expected a list with at least 1 element; write for example audiences: ["https://mcp.example.com/mcp"]',
      ],
    },
    {
      name: 'an algorithm that signs with a shared secret',
      given: { yaml: `${GOOD}    algorithms: [HS256]` },
      faults: ['F:7:18: issuers.0.algorithms.0: expected one of ES256, RS256, PS256, EdDSA, Ed25519; correct it'],
    },
    {
      name: 'a tolerance of over a minute',
      given: { yaml: `${GOOD}    clock_tolerance: 61` },
      faults: [
        'F:7:5: issuers.0.clock_tolerance: expected a whole number from 0 to 60; write for example clock_tolerance: 30',
      ],
    },
    {
      name: 'a variable of wrong type',
      given: { yaml: GOOD, env: { PORTCULLIS_LISTEN_PORT: '3e3' } },
      faults: [
        'PORTCULLIS_LISTEN_PORT: listen.port: expected a whole number from 0 to 65535; write for example port: 3000',
      ],
    },
    {
      name: 'an unknown variable',
      given: { yaml: GOOD, env: { PORTCULLIS_LISTEN_PROT: '1', PORTCULLIS_X: '1' } },
      faults: [
        'PORTCULLIS_LISTEN_PROT: unknown variable; write PORTCULLIS_LISTEN_PORT, or remove it',
        'PORTCULLIS_X: unknown variable; remove it',
      ],
    },
    {
      name: 'a flag of wrong type',
      given: { yaml: GOOD, flags: { port: 'x' } },
      faults: ['--port: listen.port: expected a whole number from 0 to 65535; write for example port: 3000'],
    },
    {
      name: 'broken YAML',
      given: { yaml: 'a: [1' },
      faults: [
        'F:1:6: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; correct the YAML',
      ],
    },
    {
      name: 'a key twice',
      given: { yaml: 'enforce: false\nenforce: true' },
      faults: ['F:2:1: not valid YAML: Map keys must be unique; correct the YAML'],
    },
    {
      name: 'a list as the whole',
      given: { yaml: '- a' },
      faults: ['F: expected a mapping; write settings as name: value'],
    },
  ])('$name', async ({ given, faults }) => {
    expect(await faultsOf(given)).toEqual(faults)
  })

  test('a file that is not there', async () => {
    const file = join(folder, 'absent.yaml')
    expect(await loadConfig({ file, env: {}, flags: {}, cwd: folder })).toEqual({
      ok: false,
      error: [
        { place: file, key: '', problem: 'cannot be read (ENOENT)', remedy: 'name a readable file after --config' },
      ],
    })
  })
})

describe('what cannot work or is unsafe', () => {
  test.each<{ name: string; given: Given; faults: string[] }>([
    {
      name: 'nothing configured',
      given: {},
      faults: [
        'configuration: issuers: expected at least one issuer; write issuers: with issuer, audiences and jwks, or start with --demo',
        'configuration: workspace: expected a folder; write workspace: ./workspace and create it',
        'configuration: policies: expected a folder or bundle; write policies: ./policies, or the path of a bundle.tar.gz',
      ],
    },
    {
      name: 'the demo issuer outside the demo',
      given: { yaml: GOOD.replace('https://login.example.com', 'urn:portcullis:demo') },
      faults: ['F:4:5: issuers.0.issuer: anybody can be anybody with the demo issuer; name your own issuer'],
    },
    {
      name: 'B-046 a plain-http issuer and key set',
      given: { yaml: GOOD.replaceAll('https://login', 'http://login') },
      faults: [
        'F:4:5: issuers.0.issuer: a plain-http issuer can be impersonated; write its https URL',
        'F:6:13: issuers.0.jwks.url: expected an https URL; plain http keys can be replaced on the way; write its https URL',
      ],
    },
    {
      name: 'a key set that is no URL',
      given: { yaml: GOOD.replace('url: https://login.example.com/jwks', 'url: "file:///etc/keys"') },
      faults: [
        'F:6:13: issuers.0.jwks.url: expected an https URL; plain http keys can be replaced on the way; write its https URL',
      ],
    },
    {
      name: 'two sources of keys',
      given: { yaml: GOOD.replace('/jwks }', '/jwks, file: keys.json }') },
      faults: [
        'F:6:5: issuers.0.jwks: expected one of url, file and discover; write jwks: { url: https://login.example.com/jwks }, or jwks: { discover: true }',
      ],
    },
    {
      name: 'no source of keys',
      given: { yaml: GOOD.replace('{ url: https://login.example.com/jwks }', '{}') },
      faults: [
        'F:6:5: issuers.0.jwks: expected one of url, file and discover; write jwks: { url: https://login.example.com/jwks }, or jwks: { discover: true }',
      ],
    },
    {
      name: 'an issuer twice, both home',
      given: { yaml: `${GOOD}    home: true\n${ISSUER.replace('issuers:\n', '')}    home: true` },
      faults: [
        'F:8:5: issuers.1.issuer: this issuer stands here twice; join its audiences in one entry',
        'F:11:5: issuers.1.home: another issuer is home already; write home: false',
      ],
    },
    {
      name: 'listening to the world with neither names nor origin',
      given: { yaml: `${GOOD}listen: { host: 0.0.0.0 }` },
      faults: [
        'F: public_url: expected the origin that clients use, without a path; write public_url: https://mcp.example.com',
        'F: allowed_hosts: expected the host names to serve, since 0.0.0.0 is reached from other machines; write allowed_hosts: ["mcp.example.com"], or listen on 127.0.0.1',
      ],
    },
    {
      name: 'a plain-http origin',
      given: { yaml: `${GOOD}public_url: http://mcp.example.com` },
      faults: [
        'F:7:1: public_url: plain http carries tokens in the clear; write an https origin; TLS may end at a proxy',
      ],
    },
    {
      name: 'an origin with a path',
      given: { yaml: `${GOOD}public_url: https://mcp.example.com/mcp` },
      faults: [
        'F:7:1: public_url: expected the origin that clients use, without a path; write public_url: http://127.0.0.1:3000',
      ],
    },
    {
      name: 'proxies and origins that are none',
      given: {
        yaml: `${GOOD}trusted_proxies: [10.0.0.0/33, 10.0.0.1, x]\nallowed_origins: ["*", "https://ok.example"]`,
      },
      faults: [
        'F:7:19: trusted_proxies.0: expected an address or CIDR range; write "10.0.0.0/8"',
        'F:7:42: trusted_proxies.2: expected an address or CIDR range; write "10.0.0.0/8"',
        'F:8:19: allowed_origins.0: expected an origin; write "https://console.example.com"',
      ],
    },
    {
      name: 'files that are not there',
      given: {
        yaml: `${GOOD.replace('workspace: workspace', 'workspace: keys.json')}tools: [no.js]\nrevocations: no.yaml`,
      },
      faults: [
        'F:1:1: workspace: D/keys.json is not a folder; write workspace: ./workspace and create it',
        'F:8:1: revocations: D/no.yaml is not a file; name a file that exists',
        'F:7:9: tools.0: D/no.js is not a file; name a file that exists',
      ],
    },
    {
      name: 'policies that are neither folder nor bundle',
      given: { yaml: GOOD, flags: { policies: 'keys.json' } },
      faults: [
        '--policies: policies: D/keys.json is not a folder or bundle; write policies: ./policies, or the path of a bundle.tar.gz',
      ],
    },
    {
      name: 'a file sink without a file',
      given: { yaml: `${GOOD}log: { sink: file }` },
      faults: ['F:7:1: log.path: expected the file to write; write path: ./decisions.ndjson'],
    },
    {
      name: 'timeouts in the wrong order',
      given: { yaml: `${GOOD}limits: { headers_timeout_ms: 20000 }` },
      faults: [
        'F:7:11: limits.headers_timeout_ms: longer than request_timeout_ms, which includes it; write headers_timeout_ms: 15000 or less',
      ],
    },
  ])('$name', async ({ given, faults }) => {
    expect(await faultsOf(given)).toEqual(faults)
  })

  test('all faults come in one report, however many', async () => {
    const unknown = Array.from({ length: 12 }, (_, index) => `zz${index}zzz: 1`).join('\n')
    const yaml = `workspace: nowhere\nlisten: { port: x }\n${unknown}`
    const faults = await faultsOf({ yaml, env: { PORTCULLIS_X: '1' }, flags: { policies: 'policies' } })
    expect(faults.map((line) => line.split(':')[0])).toEqual(['PORTCULLIS_X', ...Array(15).fill('F')])
  })
})

test('loopback may do without TLS', async () => {
  const yaml = GOOD.replaceAll('https://login.example.com', 'http://127.0.0.1:8080')
  expect((await configOf({ yaml })).issuers.map(({ issuer }) => issuer)).toEqual(['http://127.0.0.1:8080'])
})
