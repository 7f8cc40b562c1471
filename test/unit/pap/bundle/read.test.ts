import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../../../src/lib/digest.ts'
import { writeArchive } from '../../../../src/pap/bundle/archive.ts'
import { gzipStored } from '../../../../src/pap/bundle/gzip.ts'
import { readBundle } from '../../../../src/pap/bundle/read.ts'

const wasm = new Uint8Array([0, 97, 115, 109])
const remedy = 'Build the bundle again with `portcullis build`, or fetch it again'

function bundleOf(files: Readonly<Record<string, string>>, withWasm = true): Uint8Array {
  const entries = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
  return writeArchive(new Map([...entries, ...(withWasm ? [['policy.wasm', wasm] as const] : [])]))
}

describe('a bundle', () => {
  test('has revision, hash, version, roots, entrypoints, smoke cases, module and data', async () => {
    const smoke = { note: 'n', input: { a: 1 }, want: { effect: 'deny' } }
    const packed = bundleOf({
      '.manifest': '{"revision":"r1","roots":["/mcp/"],"metadata":{"version":3,"entrypoints":["mcp/main/decision"]}}',
      'data.json': '{"mcp":{"roles":{}}}',
      'smoke.json': JSON.stringify({ cases: [smoke] }),
    })
    expect(await readBundle(packed)).toEqual({
      ok: true,
      value: {
        revision: 'r1',
        sha256: sha256(packed),
        version: 3,
        roots: ['mcp'],
        entrypoints: ['mcp/main/decision'],
        smoke: [smoke],
        wasm,
        data: { mcp: { roles: {} } },
      },
    })
  })

  test('without a revision is named by its hash', async () => {
    const packed = bundleOf({})
    expect(await readBundle(packed)).toEqual({
      ok: true,
      value: {
        revision: sha256(packed).slice(0, 16),
        sha256: sha256(packed),
        roots: [''],
        entrypoints: [],
        wasm,
        data: {},
      },
    })
  })

  test('names its entrypoints as opa does', async () => {
    const manifest =
      '{"wasm":[{"entrypoint":"a/b","module":"/policy.wasm"},{"entrypoint":"a/c","module":"policy.wasm"}]}'
    expect(await readBundle(bundleOf({ '.manifest': manifest }))).toMatchObject({
      value: { entrypoints: ['a/b', 'a/c'] },
    })
  })

  test('puts data where its folder says', async () => {
    const packed = bundleOf({
      'data.json': '{"mcp":{"a":1}}',
      'mcp/roles/data.yaml': 'x: [1]',
      'mcp/plans/data.json': '{"p":{}}',
    })
    expect(await readBundle(packed)).toMatchObject({
      value: { data: { mcp: { a: 1, roles: { x: [1] }, plans: { p: {} } } } },
    })
  })
})

describe('what is refused', () => {
  const manifest = (text: string) => bundleOf({ '.manifest': text, 'data.json': '{"mcp":{"a":1},"b":{}}' })
  const cases: readonly { name: string; packed: Uint8Array; fault: object }[] = [
    {
      name: 'not compiled',
      packed: bundleOf({ '.manifest': '{}' }, false),
      fault: { file: 'policy.wasm', message: 'is missing: the bundle was not built for WASM' },
    },
    { name: 'not gzipped', packed: new Uint8Array(10), fault: { message: 'the bundle is no whole gzip archive' } },
    {
      name: 'data that is no JSON',
      packed: bundleOf({ 'data.json': '{' }),
      fault: { file: 'data.json', message: 'not valid JSON' },
    },
    {
      name: 'a key twice',
      packed: bundleOf({ 'data.json': '{"a":1,"a":2}' }),
      fault: { file: 'data.json', message: 'a key stands twice in one object' },
    },
    {
      name: 'data that is a list',
      packed: bundleOf({ 'data.json': '[]' }),
      fault: { file: 'data.json', message: 'is no object' },
    },
    {
      name: 'a manifest that is no object',
      packed: bundleOf({ '.manifest': '1' }),
      fault: { file: '.manifest', message: 'is no object' },
    },
    {
      name: 'one value defined twice',
      packed: bundleOf({ 'data.json': '{"mcp":{"a":1}}', 'mcp/data.json': '{"a":2}' }),
      fault: { file: 'mcp/data.json', message: 'defines what another data file defines too' },
    },
    {
      name: 'data that would be a prototype',
      packed: bundleOf({ '__proto__/data.json': '{"a":1}' }),
      fault: { file: '__proto__/data.json', message: 'is in a folder whose name no document can have' },
    },
    {
      name: 'data outside the roots',
      packed: manifest('{"roots":["mcp"]}'),
      fault: { file: '.manifest', message: 'permits data below mcp, but there is data at /b' },
    },
    {
      name: 'data beside a deeper root',
      packed: manifest('{"roots":["mcp/c","b"]}'),
      fault: { file: '.manifest', message: 'permits data below mcp/c, b, but there is data at /mcp/a' },
    },
    {
      name: 'data without any root',
      packed: manifest('{"roots":[]}'),
      fault: { file: '.manifest', message: 'permits data below nothing, but there is data at /' },
    },
    {
      name: 'overlapping roots',
      packed: manifest('{"roots":["mcp","b","mcp/a"]}'),
      fault: { file: '.manifest', message: 'has overlapping roots, "mcp" and "mcp/a"' },
    },
    {
      name: 'an entrypoint outside the roots',
      packed: manifest('{"roots":["mcp","b"],"metadata":{"entrypoints":["mcps/x"]}}'),
      fault: { file: '.manifest', message: 'names the entrypoint mcps/x, which is outside its roots (mcp, b)' },
    },
    {
      name: 'a module elsewhere',
      packed: manifest('{"wasm":[{"entrypoint":"a/b","module":"/x/policy.wasm"}]}'),
      fault: { file: '.manifest', message: 'names the module /x/policy.wasm; /policy.wasm is the only one' },
    },
    {
      name: 'a version that is no number',
      packed: manifest('{"metadata":{"version":"3"}}'),
      fault: { file: '.manifest', message: '/metadata/version must be integer' },
    },
    {
      name: 'a delta bundle',
      packed: bundleOf({ 'patch.json': '{"data":[]}' }, false),
      fault: { file: 'patch.json', message: 'makes this a delta bundle, which is not supported' },
    },
    {
      name: 'two manifests',
      packed: bundleOf({ 'mcp/.manifest': '{}' }),
      fault: { file: 'mcp/.manifest', message: 'is a second manifest' },
    },
    {
      name: 'what opa takes for a manifest',
      packed: bundleOf({ 'x.manifest': '{}' }),
      fault: { file: 'x.manifest', message: 'is a second manifest' },
    },
    {
      name: 'a manifest in protobuf',
      packed: bundleOf({ '.manifest.pb': '' }),
      fault: { file: '.manifest.pb', message: 'is a manifest in a format that is not supported' },
    },
    {
      name: 'two files of signatures',
      packed: bundleOf({ 'mcp/.signatures.json': '{}' }),
      fault: { file: 'mcp/.signatures.json', message: 'is a second file of signatures' },
    },
    {
      name: 'two modules',
      packed: bundleOf({ 'mcp/policy.wasm': '' }),
      fault: { file: 'mcp/policy.wasm', message: 'is a second module' },
    },
    {
      name: 'a smoke case that wants nothing possible',
      packed: bundleOf({ 'smoke.json': '{"cases":[{"note":"n","input":{},"want":{"visible":1}}]}' }),
      fault: { file: 'smoke.json', message: '/cases/0/want/visible must be boolean' },
    },
  ]
  test.each(cases)('$name', async ({ packed, fault }) => {
    expect(await readBundle(packed)).toEqual({ ok: false, error: [{ ...fault, remedy }] })
  })

  test('an archive that is no tar', async () => {
    const read = await readBundle(gzipSync('x'.repeat(1_024)))
    expect(read).toEqual({
      ok: false,
      error: [{ message: 'the bundle is refused: no entry of a bundle at byte 0', remedy }],
    })
  })

  const whole = gunzipSync(bundleOf({ '.manifest': '{"roots":["mcp"]}', 'mcp/data.yaml': 'a: [1]' }))
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
  test.each([
    { name: 'of the archive', pack: gzipSync, bytes: whole },
    { name: 'of the stream', pack: (bytes: Buffer) => bytes, bytes: Buffer.from(gzipStored(whole)) },
  ])('or else read, whatever bytes $name are changed', async ({ pack, bytes }) => {
    await fc.assert(
      fc.asyncProperty(changes, async (places) => {
        const changed = Buffer.from(bytes)
        for (const [at, byte] of places) changed[at] = byte
        const read = await readBundle(pack(changed))
        expect(read.ok || read.error.every(({ message }) => message !== '')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('more data than the bundle may have bytes', async () => {
    const data = JSON.stringify({ a: 'x'.repeat(5_000) })
    const packed = gzipSync(gunzipSync(bundleOf({ 'data.json': data })))
    expect(await readBundle(packed, { maxBytes: 4_000 })).toEqual({
      ok: false,
      error: [{ message: 'the bundle has more than 4000 bytes of data', remedy }],
    })
  })

  test('one larger than it may be', async () => {
    const packed = bundleOf({})
    expect(await readBundle(packed, { maxBytes: packed.byteLength - 1 })).toEqual({
      ok: false,
      error: [{ message: `the bundle is larger than ${packed.byteLength - 1} bytes`, remedy }],
    })
    expect(await readBundle(packed, { maxBytes: packed.byteLength })).toMatchObject({ ok: true })
  })
})
