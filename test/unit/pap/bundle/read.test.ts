import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../src/lib/digest.ts'
import { writeArchive } from '../../../../src/pap/bundle/archive.ts'
import { readBundle } from '../../../../src/pap/bundle/read.ts'

const wasm = new Uint8Array([0, 97, 115, 109])
const remedy = 'Build the bundle again with `portcullis build`, or fetch it again'

function bundleOf(files: Readonly<Record<string, string>>, withWasm = true): Uint8Array {
  const entries = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const)
  return writeArchive(new Map([...entries, ...(withWasm ? [['policy.wasm', wasm] as const] : [])]))
}

describe('a bundle', () => {
  test('has revision, hash, module and data', () => {
    const packed = bundleOf({ '.manifest': '{"revision":"r1","roots":["mcp"]}', 'data.json': '{"mcp":{"roles":{}}}' })
    expect(readBundle(packed)).toEqual({
      ok: true,
      value: { revision: 'r1', sha256: sha256(packed), wasm, data: { mcp: { roles: {} } } },
    })
  })

  test('without a revision is named by its hash', () => {
    const packed = bundleOf({})
    expect(readBundle(packed)).toEqual({
      ok: true,
      value: { revision: sha256(packed).slice(0, 16), sha256: sha256(packed), wasm, data: {} },
    })
  })

  test('puts data where its folder says', () => {
    const packed = bundleOf({
      'data.json': '{"mcp":{"a":1}}',
      'mcp/roles/data.yaml': 'x: [1]',
      'mcp/plans/data.json': '{"p":{}}',
    })
    expect(readBundle(packed)).toMatchObject({
      value: { data: { mcp: { a: 1, roles: { x: [1] }, plans: { p: {} } } } },
    })
  })
})

describe('what is refused', () => {
  const cases: readonly { name: string; packed: Uint8Array; fault: object }[] = [
    {
      name: 'not compiled',
      packed: bundleOf({ '.manifest': '{}' }, false),
      fault: { file: 'policy.wasm', message: 'is missing: the bundle was not built for WASM' },
    },
    {
      name: 'not gzipped',
      packed: new Uint8Array(10),
      fault: { message: 'the bundle is no gzip archive, or one larger than 536870912 bytes' },
    },
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
  ]
  test.each(cases)('$name', ({ packed, fault }) => {
    expect(readBundle(packed)).toEqual({ ok: false, error: [{ ...fault, remedy }] })
  })

  test('an archive that is no tar', () => {
    const read = readBundle(gzipSync('x'.repeat(1_024)))
    expect(read).toMatchObject({ ok: false, error: [{ remedy }] })
  })
})
