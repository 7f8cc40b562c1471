import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from '../../src/cli/package.ts'
import { sha256 } from '../../src/lib/digest.ts'
import { loadBundle } from '../../src/pap/activation/load.ts'
import { readArchive, writeArchive } from '../../src/pap/bundle/archive.ts'
import { packBundle } from '../../src/pap/bundle/build.ts'
import type { BundleFiles } from '../../src/pap/bundle/documents.ts'
import { readPackedFile } from '../../src/pap/bundle/packed-file.ts'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { signFiles } from '../../src/pap/bundle/sign.ts'
import type { Verification } from '../../src/pap/bundle/verify.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { compileWith, writeTree } from '../policy/tools.ts'
import { run } from '../unit/cli/run.ts'
import { createPairs } from '../unit/pap/bundle/key-pairs.ts'
import { callWith } from '../unit/pdp/inputs.ts'
import { catalogueEntry } from './catalogue.ts'
import { unpackable, withHeader } from './tars.ts'

const TIMEOUT = 60_000
const TRIAL_MS = 10_000
const { es256: trusted, rs256: other } = createPairs()
const verification: Verification = { keys: trusted.verification }
const bytes = (text: string) => new TextEncoder().encode(text)
const tools = BUILTIN_TOOLS.map(({ name }) => name)

let opa: string
let files: BundleFiles
let signed: BundleFiles
const folder = mkdtempSync(join(tmpdir(), 'portcullis-attack-'))

async function pack(policyDir: string, version: number): Promise<BundleFiles> {
  const options = { policyDir, opa, capabilities: BUILD_CAPABILITIES, tools, revision: 'r1', version }
  const packed = await packBundle(options)
  if (!packed.ok) throw new Error(JSON.stringify(packed.error))
  const read = readArchive(gunzipSync(packed.value.bytes))
  if (!read.ok) throw new Error(read.error)
  return new Map([...read.value].filter(([path]) => path !== '.signatures.json'))
}

beforeAll(async () => {
  opa = await findOpa()
  files = await pack(DEFAULT_POLICIES, 7)
  signed = await signFiles(files, { key: trusted.signing })
}, TIMEOUT)
afterAll(() => rmSync(folder, { recursive: true }))

type Faults = readonly string[]

/** All that must hold before a bundle decides; what is said against it otherwise. */
async function faultsOf(packed: Uint8Array, verification?: Verification): Promise<Faults> {
  const bundle = await readBundle(packed, verification && { verification })
  if (!bundle.ok) return bundle.error.map(({ file = 'bundle', message }) => `${file}: ${message}`)
  const policy = await loadBundle(bundle.value, { now: () => 0, trialMs: TRIAL_MS })
  if (!policy.ok) return policy.error.map(({ file = 'bundle', message }) => `${file}: ${message}`)
  policy.value.close()
  return []
}

const signedFaultsOf = (packed: Uint8Array): Promise<Faults> => faultsOf(packed, verification)

/** The bundle with files changed, none of them signed. */
const unsigned = (changes: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
  writeArchive(
    new Map([...files, ...Object.entries(changes).map(([path, content]) => [path, asBytes(content)] as const)]),
  )

const asBytes = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? bytes(content) : content)
const dataWith = (change: (mcp: Record<string, Record<string, unknown>>) => void): string => {
  const data = JSON.parse(new TextDecoder().decode(files.get('data.json')))
  change(data.mcp)
  return JSON.stringify(data)
}

/** An attack on the bundle alone; those on a server that is given one are tried with it. */
const attack = (id: string, run: () => Promise<void>): void => test(`${id} ${catalogueEntry(id).title}`, run, TIMEOUT)

test('what is attacked is a bundle that loads', async () => {
  expect(await signedFaultsOf(writeArchive(signed))).toEqual([])
})

describe('a policy that is none', () => {
  const tree = (main: string) =>
    writeTree({
      '.manifest': '{"roots":["mcp"],"rego_version":1}',
      'mcp/main/main.rego': `package mcp.main\n\n${main}\n`,
    })
  const decision = (effect: string) =>
    `{"effect": "${effect}", "visible": true, "reasons": [], "scopes": [], "limits": [], "obligations": []}`
  async function built(main: string, smoke?: object): Promise<Uint8Array> {
    const { dir, remove } = tree(main)
    const made = await pack(dir, 1)
    remove()
    return writeArchive(new Map([...made, ...(smoke ? [['smoke.json', bytes(JSON.stringify(smoke))] as const] : [])]))
  }
  const wanted = {
    cases: [
      { note: 'a stranger', input: callWith({}), want: { effect: 'deny' } },
      { note: 'alice', input: callWith({ a: 1 }), want: { effect: 'permit' } },
    ],
  }
  attack('D-003', async () => {
    const main = { 'mcp/main/main.rego': `package mcp.main\n\nverdict := ${decision('permit')} if input.x\n` }
    const policy = await loadBundle(await compileWith(opa, main, ['mcp/main/verdict']), { now: () => 0 })
    expect(policy).toMatchObject({
      ok: false,
      error: [{ file: 'policy.wasm', message: 'has no entrypoint mcp/main/decision, only mcp/main/verdict' }],
    })
  })

  attack('D-023', async () => {
    const right = `decision := ${decision('permit')} if input.resource.properties.arguments.a\n\ndefault decision := ${decision('deny')}`
    expect(await faultsOf(await built(right, wanted))).toEqual([])
    expect(await faultsOf(await built(`decision := ${decision('permit')}`, wanted))).toEqual([
      'smoke.json: case "a stranger": effect: wanted deny, decided permit',
    ])
    expect(await faultsOf(await built(`decision := ${decision('deny')}`, wanted))).toEqual([
      'smoke.json: case "alice": effect: wanted permit, decided deny',
    ])
    expect(await faultsOf(await built(`decision := ${decision('deny')} if input.x`))).toContain(
      'bundle: no decision on tools/list: the decision is undefined',
    )

    const write = async (name: string, main: string) => {
      writeFileSync(join(folder, name), await built(main))
      return join(folder, name)
    }
    const usual = await write('usual.tar.gz', right)
    const wide = await write('wide.tar.gz', `decision := ${decision('permit')}`)
    const narrow = await write('narrow.tar.gz', `decision := ${decision('deny')}`)
    const diff = async (head: string, ...flags: readonly string[]) => {
      const { code, stdout } = await run('diff', usual, head, '--format', 'json', '--jobs', '1', ...flags)
      return { code, kinds: Object.keys(JSON.parse(stdout).byKind) }
    }
    expect(await diff(wide)).toEqual({ code: 1, kinds: ['newly-allowed'] })
    expect(await diff(narrow, '--fail-on', 'newly-denied')).toEqual({ code: 1, kinds: ['newly-denied'] })
    expect(await diff(usual)).toEqual({ code: 0, kinds: [] })
  })

  /** A module that does nothing but say of which version it is. */
  const abi = (major: number) =>
    Uint8Array.from([
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      6,
      6,
      1,
      0x7f,
      0,
      0x41,
      major,
      0x0b,
      7,
      24,
      1,
      20,
      ...bytes('opa_wasm_abi_version'),
      3,
      0,
    ])

  attack('D-024', async () => {
    const modules = { empty: '', random: 'not a module at all', 'ABI 2': abi(2) }
    for (const [name, module] of Object.entries(modules)) {
      const faults = await faultsOf(unsigned({ 'policy.wasm': module }))
      expect({ name, faults }).toEqual({ name, faults: [expect.stringMatching(/^policy\.wasm: cannot be started: /)] })
    }
    expect(await faultsOf(unsigned({ 'policy.wasm': abi(2) }))).toEqual([
      'policy.wasm: cannot be started: unsupported ABI version 2',
    ])
  })
})

describe('data', () => {
  attack('D-010', async () => {
    const bundle = await readBundle(writeArchive(signed), { verification })
    const inForce = bundle.ok ? await loadBundle(bundle.value, { now: () => 0 }) : bundle
    if (!inForce.ok) throw new Error(JSON.stringify(inForce.error))
    const decide = () => inForce.value.decide(callWith({ path: '/docs/a.txt' }))
    const before = decide()
    for (const data of [
      '{"mcp":{"roles":{"admin":',
      '{"mcp":{"roles":{"admin":{"tools":1}}}}',
      '\u0000',
      '{"mcp":{"roles":{"\\ud800":{}}}}',
    ]) {
      expect(await faultsOf(unsigned({ 'data.json': data }))).not.toEqual([])
    }
    for (let i = 0; i < 1_000; i++) expect(decide()).toEqual(before)
    expect(inForce.value.health()).toMatchObject({ ready: true, restarts: 0 })
    inForce.value.close()
  })

  attack('D-011', async () => {
    const refused = (data: string) => faultsOf(unsigned({ 'data.json': data }))
    expect(await refused('{"mcp":{}}x')).toEqual(['data.json: not valid JSON'])
    expect(await refused('{"mcp":{}}{}')).toEqual(['data.json: not valid JSON'])
    expect(await refused('{"mcp":{"roles":{},"roles":{}}}')).toEqual(['data.json: a key stands twice in one object'])
    expect(await refused('{"mcp":{"roles":{},"r\\u006fles":{}}}')).toEqual([
      'data.json: a key stands twice in one object',
    ])
    const twice = unsigned({ 'mcp/roles/data.json': '{"admin":{"rank":31}}' })
    expect(await faultsOf(twice)).toEqual(['mcp/roles/data.json: defines what another data file defines too'])
  })

  attack('D-028', async () => {
    const refused = (change: Parameters<typeof dataWith>[0]) => faultsOf(unsigned({ 'data.json': dataWith(change) }))
    const role = (paths: unknown) => ({ tools: ['readFile'], paths, plan: 'standard' })
    const [proto, others] = [
      dataWith(() => {}).replace('"roles":{', '"roles":{"__proto__":{"tools":["*"]},'),
      '{"a":1}',
    ]
    expect(await faultsOf(unsigned({ 'data.json': proto }))).toEqual(['data.json: the key __proto__ is not accepted'])
    expect(await faultsOf(unsigned({ 'other/data.json': others }))).toEqual([
      '.manifest: permits data below mcp, but there is data at /other',
    ])
    expect(await faultsOf(unsigned({ 'mcp/tools/data.json': '{"readFile":{"permit":["x"]}}' }))).toEqual([
      expect.stringMatching(
        /^mcp\/tools\/data\.yaml: data at data\.mcp\.tools stands where it would be taken for rules/,
      ),
    ])
    for (const prefix of [[''], ['/'], ['docs/x'], ['..']]) {
      const faults = await refused((mcp) => {
        Object.assign(mcp['roles'] ?? {}, { visitor: role({ read: [prefix], write: [] }) })
        Object.assign(mcp['inherits'] ?? {}, { visitor: [] })
      })
      expect({ prefix, faults }).toEqual({ prefix, faults: [expect.stringMatching(/^mcp\/roles\/data\.yaml: /)] })
    }
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`role-${index}`, {}]))
    const poisoned = await refused((mcp) => Object.assign(mcp['roles'] ?? {}, many))
    expect(poisoned.at(0)).toBe('mcp/inherits/data.yaml: role "role-0" is no key')
    expect(poisoned.at(-1)).toBe('bundle: there are 99980 more faults')
    const large = writeArchive(new Map([...files, ['data.json', bytes(`{"a":"${'x'.repeat(64 * 2 ** 20)}"}`)]]))
    expect(await faultsOf(gzipSync(gunzipSync(large), { level: 1 }))).toEqual([
      'bundle: the bundle has more than 67108864 bytes of data',
    ])
  })
})

describe('signatures', () => {
  attack('D-018', async () => {
    const without = new Map([...signed].filter(([path]) => path !== '.signatures.json'))
    expect(await signedFaultsOf(writeArchive(without))).toEqual([
      '.signatures.json: is missing: the bundle is not signed',
    ])
    for (const [path, content] of signed) {
      const flipped = Uint8Array.from(content)
      const middle = flipped.length >> 1
      flipped[middle] = (flipped[middle] ?? 0) ^ 1
      expect({ path, faults: await signedFaultsOf(writeArchive(new Map([...signed, [path, flipped]]))) }).toEqual({
        path,
        faults: [expect.stringMatching(/^\S+: .+/)],
      })
    }
  })

  attack('D-020', async () => {
    const asked = (token: string) =>
      signedFaultsOf(
        writeArchive(new Map([...signed, ['.signatures.json', bytes(JSON.stringify({ signatures: [token] }))]])),
      )
    const [, payload = ''] = JSON.parse(new TextDecoder().decode(signed.get('.signatures.json'))).signatures[0].split(
      '.',
    )
    const head = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url')
    const notOurs = ['.signatures.json: is not a signature by any of the keys given']
    expect(await asked(`${head({ alg: 'none' })}.${payload}.`)).toEqual(notOurs)
    const secret = await import('node:crypto').then(({ createHmac }) => createHmac('sha256', trusted.publicPem))
    const input = `${head({ alg: 'HS256' })}.${payload}`
    expect(await asked(`${input}.${secret.update(input).digest('base64url')}`)).toEqual(notOurs)
    const byOther = await signFiles(files, { key: other.signing, keyId: 'trusted' })
    expect(await signedFaultsOf(writeArchive(byOther))).toEqual(notOurs)
    const scoped = writeArchive(await signFiles(files, { key: trusted.signing, scope: 'staging' }))
    expect(await faultsOf(scoped, { ...verification, scope: 'production' })).toEqual([
      '.signatures.json: is for the scope "staging", not "production"',
    ])
  })
})

describe('archives', () => {
  attack('D-021', async () => {
    const extra = writeArchive(new Map([...signed, ['mcp/rules/x/y/y.rego', bytes('package mcp.rules.x.y\n')]]))
    expect(await signedFaultsOf(extra)).toEqual(['mcp/rules/x/y/y.rego: is not signed'])
    const plain = gunzipSync(writeArchive(signed))
    const cases: readonly (readonly [what: Buffer, message: string])[] = [
      [withHeader(plain, { path: '../x' }), 'the bundle is refused: "../x" leads elsewhere'],
      [withHeader(plain, { path: 'a/../../x' }), 'the bundle is refused: "a/../../x" leads elsewhere'],
      [withHeader(plain, { path: '//etc/x' }), 'the bundle is refused: "//etc/x" leads elsewhere'],
      [
        withHeader(plain, { path: 'x', type: 'SymbolicLink', linkpath: '/etc' }),
        'the bundle is refused: "x" is a SymbolicLink',
      ],
      [withHeader(plain, { path: 'x', type: 'Link', linkpath: '/etc/passwd' }), 'the bundle is refused: "x" is a Link'],
      [withHeader(plain, { path: 'x', type: 'CharacterDevice' }), 'the bundle is refused: "x" is a CharacterDevice'],
      [
        withHeader(plain, { path: 'DATA.json' }),
        'the bundle is refused: DATA.json and data.json are one file where case does not count',
      ],
    ]
    for (const [archive, message] of cases)
      expect(await signedFaultsOf(gzipSync(archive))).toEqual([`bundle: ${message}`])
    const bomb = unpackable()
    const before = process.memoryUsage().rss
    expect(await signedFaultsOf(bomb)).toEqual(['bundle: the bundle is larger than 268435456 bytes once unpacked'])
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(1_024)
  })

  attack('D-022', async () => {
    const whole = writeArchive(signed)
    for (let end = 0; end < whole.length; end += 1_024) {
      expect(await signedFaultsOf(whole.subarray(0, end))).toEqual(['bundle: the bundle is no whole gzip archive'])
    }
    const next = writeArchive(await signFiles(files, { key: trusted.signing, keyId: 'next' }))
    const [path, temporary] = [join(folder, 'bundle.tar.gz'), join(folder, 'next')]
    writeFileSync(path, whole)
    const seen = new Set<string>()
    for (let round = 0; round < 50; round++) {
      const reading = readPackedFile(path, whole.length * 2)
      writeFileSync(temporary, round % 2 === 0 ? next : whole)
      renameSync(temporary, path)
      const read = await reading
      if (read.ok) seen.add(sha256(read.value))
    }
    expect([...seen].toSorted()).toEqual([sha256(whole), sha256(next)].toSorted())
    expect(readFileSync(path)).toEqual(Buffer.from(whole))
  })
})
