import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../src/lib/digest.ts'
import { readArchive, writeArchive } from '../../../../src/pap/bundle/archive.ts'
import { packBundle } from '../../../../src/pap/bundle/build.ts'
import { readBundle } from '../../../../src/pap/bundle/read.ts'
import { type Signing, signFiles } from '../../../../src/pap/bundle/sign.ts'
import { capabilities, findOpa, writeTree } from '../../../policy/tools.ts'
import { createPairs, type Pair } from './key-pairs.ts'

/** Whatever Go writes otherwise than JSON.stringify, and keys that UTF-8 and UTF-16 order differently. */
const ODD = String.raw`{"b": [1.0, 1e2, -0, 1E+5, 0.10, 123456789012345678901234567890, true, null, {}, []],
  "a": "<&>\u2028\u2029\u0001\u007f\b\f\n\"\\\/é\ud83d\ude00", "😀": 1, "\ue000": 2, "\uffee": {"z": "", "A": 0}}`
const TREE = {
  '.manifest': '{"roots":["mcp"],"rego_version":1}',
  'mcp/main/main.rego':
    'package mcp.main\n\ndefault decision := {"effect": "deny"}\n\ndecision := {"effect": "permit"} if data.mcp.roles[input.role]\n',
  'mcp/roles/data.json': `{"admin": ${ODD}}`,
  'mcp/main/main_test.rego': 'package mcp.main_test\n\ntest_none if false\n',
}
const pairs = createPairs()
const cases = Object.values(pairs).map((pair) => ({ algorithm: pair.algorithm, pair }))

let opa: string
let files: ReadonlyMap<string, Uint8Array>
const { dir, remove } = writeTree({})
const place = (name: string) => join(dir, name)

beforeAll(async () => {
  opa = await findOpa()
  for (const { algorithm, privatePem, publicPem } of Object.values(pairs)) {
    writeFileSync(place(`${algorithm}.key`), privatePem)
    writeFileSync(place(`${algorithm}.pub`), publicPem)
  }
  const tree = writeTree(TREE)
  const packed = await packBundle({ policyDir: tree.dir, opa, capabilities, tools: [], revision: 'r1', version: 7 })
  tree.remove()
  if (!packed.ok) throw new Error(JSON.stringify(packed.error))
  files = filesIn(packed.value.bytes)
})
afterAll(remove)

function run(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(opa, args, { cwd: dir, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** The bundle of the tree, signed or not, in a file. */
async function write(name: string, signing?: Signing): Promise<Uint8Array> {
  const bytes = writeArchive(signing === undefined ? files : await signFiles(files, signing))
  writeFileSync(place(name), bytes)
  return bytes
}

const verify = (name: string, { algorithm }: Pair, ...flags: readonly string[]) =>
  run(
    'build',
    '-b',
    name,
    '-o',
    'out.tar.gz',
    '--verification-key',
    `${algorithm}.pub`,
    '--signing-alg',
    algorithm,
    ...flags,
  )

function filesIn(packed: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const read = readArchive(gunzipSync(packed))
  if (!read.ok) throw new Error(read.error)
  return read.value
}

function repack(name: string, change: (files: Map<string, Uint8Array>) => void): void {
  const changed = new Map(filesIn(readFileSync(place(name))))
  change(changed)
  writeFileSync(place(name), writeArchive(changed))
}

describe('a bundle made here', () => {
  test('is read and evaluated by opa', async () => {
    await write('plain.tar.gz')
    const inspected = run('inspect', '-f', 'json', 'plain.tar.gz')
    expect(JSON.parse(inspected.stdout).manifest).toEqual({
      revision: 'r1',
      roots: ['mcp'],
      rego_version: 1,
      metadata: {
        version: 7,
        entrypoints: ['mcp/main/decision'],
        reads: {
          values: [
            ['action', 'name'],
            ['role'],
            ['subject', 'id'],
            ['subject', 'properties', 'issuer'],
            ['subject', 'properties', 'tenant'],
          ],
          types: [],
        },
      },
    })
    writeFileSync(place('input.json'), '{"role":"admin"}')
    const query = ['eval', '-b', 'plain.tar.gz', '--format', 'raw']
    expect(run(...query, '-i', 'input.json', 'data.mcp.main.decision').stdout).toBe('{"effect":"permit"}\n')
    expect(run(...query, 'data.mcp.main.decision').stdout).toBe('{"effect":"deny"}\n')
  })

  test.each(cases)('and signed with $algorithm is verified by opa', async ({ algorithm, pair }) => {
    await write('signed.tar.gz', { key: pair.signing, keyId: 'k1', scope: 'prod' })
    expect(verify('signed.tar.gz', pair, '--scope', 'prod')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(verify('signed.tar.gz', pair).stdout).toContain('scope mismatch')
    repack('signed.tar.gz', (files) => files.set('mcp/main/main.rego', new TextEncoder().encode('package mcp.main\n')))
    expect(verify('signed.tar.gz', pair, '--scope', 'prod').stdout).toContain('digest mismatch')
    expect(algorithm).toBe(pair.signing.algorithm)
  })

  test.each([
    { name: 'RSA', pair: pairs.rs256 },
    { name: 'Ed25519', pair: pairs.eddsa },
  ])('and signed with $name has the same bytes again', async ({ pair }) => {
    const signing = { key: pair.signing }
    const [one, two] = [await write('one.tar.gz', signing), await write('two.tar.gz', signing)]
    expect(sha256(one)).toBe(sha256(two))
  })
})

describe('a bundle signed by opa is verified here', () => {
  test.each(cases)('when built with $algorithm', async ({ algorithm, pair }) => {
    const tree = writeTree(TREE)
    const how = ['--signing-key', place(`${algorithm}.key`), '--signing-alg', algorithm, '--ignore', '*_test.rego']
    const { status } = spawnSync(
      opa,
      ['build', '-t', 'wasm', '-b', '.', '-e', 'mcp/main/decision', '-o', place('opa.tar.gz'), ...how],
      { cwd: tree.dir },
    )
    tree.remove()
    expect(status).toBe(0)
    const read = await readBundle(readFileSync(place('opa.tar.gz')), { verification: { keys: pair.verification } })
    expect(read).toMatchObject({ ok: true, value: { roots: ['mcp'], entrypoints: ['mcp/main/decision'] } })
  })

  test.each(cases)('when packed before with $algorithm', async ({ algorithm, pair }) => {
    await write('own.tar.gz')
    // Two documents that opa hashes by what they say, one of them YAML.
    repack('own.tar.gz', (files) => {
      files.set('mcp/plans/data.yaml', new TextEncoder().encode('free: {per_minute: 1.50, "n": 1e3, on: yes}\n'))
      files.set('mcp/scopes/data.json', new TextEncoder().encode(ODD))
    })
    const signed = run('sign', '-b', 'own.tar.gz', '--signing-key', `${algorithm}.key`, '--signing-alg', algorithm)
    expect(signed).toEqual({ code: 0, stdout: '', stderr: '' })
    repack('own.tar.gz', (files) => files.set('.signatures.json', readFileSync(place('.signatures.json'))))
    const verification = { keys: pair.verification }
    const first = await readBundle(readFileSync(place('own.tar.gz')), { verification })
    expect(first).toMatchObject({
      ok: true,
      value: { version: 7, data: { mcp: { plans: { free: { per_minute: 1.5, n: 1000, on: 'yes' } } } } },
    })
    repack('own.tar.gz', (files) =>
      files.set('mcp/plans/data.yaml', new TextEncoder().encode('free: {per_minute: 2}\n')),
    )
    const second = await readBundle(readFileSync(place('own.tar.gz')), { verification })
    expect(second).toMatchObject({
      ok: false,
      error: [{ file: 'mcp/plans/data.yaml', message: 'is not what was signed: its hash differs' }],
    })
  })
})
