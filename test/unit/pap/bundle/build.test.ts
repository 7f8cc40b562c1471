import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../src/lib/digest.ts'
import { readArchive } from '../../../../src/pap/bundle/archive.ts'
import { buildBundle, packBundle } from '../../../../src/pap/bundle/build.ts'
import { readBundle } from '../../../../src/pap/bundle/read.ts'
import { capabilities, findOpa, writeTree } from '../../../policy/tools.ts'

const TREE = {
  '.manifest': '{"roots":["mcp"],"rego_version":1}',
  'mcp/main/main.rego': `package mcp.main

default decision := {"effect": "deny"}

decision := {"effect": "permit"} if {
	some area, rule
	count(data.mcp.rules[area][rule].permit) > 0
}
`,
  'mcp/roles/data.yaml': 'admin: {}\n',
  'mcp/rules/a/b/b.rego':
    'package mcp.rules.a.b\n\npermit contains {"code": "x", "message": "x"} if data.mcp.roles[input.role]\n',
  'mcp/rules/a/b/b_test.rego': 'package mcp.rules.a.b_test\n\ntest_none if false\n',
}

let opa: string
const removals: (() => void)[] = []
const treeOf = (files: Readonly<Record<string, string>>) => {
  const tree = writeTree(files)
  removals.push(tree.remove)
  return tree.dir
}
const pack = (policyDir: string) => packBundle({ policyDir, opa, capabilities, tools: ['readFile'] })

const digestOf = (packed: Awaited<ReturnType<typeof pack>>): string =>
  packed.ok ? sha256(packed.value.bytes) : JSON.stringify(packed.error)

beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

/** The role that the rules look at, and what the gateway itself does. */
const READS =
  '{"values":[["action","name"],["role"],["subject","id"],["subject","properties","issuer"],["subject","properties","tenant"]],"types":[]}'

describe('building', () => {
  test('gives the same bytes from another folder, and a revision of the content', async () => {
    const [first, second] = [await pack(treeOf(TREE)), await pack(treeOf(TREE))]
    expect(first).toEqual(second)
    expect(first.ok && first.value.revision).toMatch(/^[0-9a-f]{16}$/)
  })

  test('gives the same bytes whatever the machine is set to, and however the files came there', async () => {
    const crlf = Object.fromEntries(
      Object.entries(TREE)
        .toReversed()
        .map(([path, text]) => [path, text.replaceAll('\n', '\r\n')]),
    )
    const dir = treeOf(crlf)
    const first = await pack(treeOf(TREE))
    const { TZ, LANG, LC_ALL } = process.env
    const before = { cwd: process.cwd(), umask: process.umask(0o077) }
    try {
      Object.assign(process.env, { TZ: 'Pacific/Apia', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })
      process.chdir(dir)
      chmodSync(join(dir, 'mcp/roles/data.yaml'), 0o755)
      utimesSync(join(dir, 'mcp/main/main.rego'), 1, 1)
      expect(digestOf(await pack('.'))).toBe(digestOf(first))
    } finally {
      process.umask(before.umask)
      process.chdir(before.cwd)
      for (const [name, value] of Object.entries({ TZ, LANG, LC_ALL })) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })

  test('holds the rules as they were written, and names no entrypoint that opa would need a WASM engine for', async () => {
    const packed = await packBundle({ policyDir: treeOf(TREE), opa, capabilities, tools: [], revision: 'r1' })
    if (!packed.ok) throw new Error(JSON.stringify(packed.error))
    const read = readArchive(gunzipSync(packed.value.bytes))
    const files = read.ok ? [...read.value] : []
    expect(
      files.filter(([path]) => path !== 'policy.wasm').map(([path, bytes]) => [path, String(Buffer.from(bytes))]),
    ).toEqual([
      [
        '.manifest',
        `{"revision":"r1","roots":["mcp"],"rego_version":1,"metadata":{"entrypoints":["mcp/main/decision"],"reads":${READS}}}`,
      ],
      ['data.json', '{"mcp":{"roles":{"admin":{}}}}\n'],
      ['mcp/main/main.rego', TREE['mcp/main/main.rego']],
      ['mcp/rules/a/b/b.rego', TREE['mcp/rules/a/b/b.rego']],
    ])
  })

  test('keeps what the manifest says of itself', async () => {
    const manifest = '{"roots":["mcp"],"rego_version":1,"metadata":{"team":"a","version":1}}'
    const options = { policyDir: treeOf({ ...TREE, '.manifest': manifest }), opa, capabilities, tools: [] }
    const packed = await packBundle({ ...options, version: 8 })
    const read = packed.ok ? await readBundle(packed.value.bytes) : packed
    expect(read.ok && [read.value.version, read.value.roots, read.value.entrypoints]).toEqual([
      8,
      ['mcp'],
      ['mcp/main/decision'],
    ])
  })

  test('leaves tests out of bundle and revision', async () => {
    const { 'mcp/rules/a/b/b_test.rego': _test, ...rest } = TREE
    expect(await pack(treeOf(rest))).toEqual(await pack(treeOf(TREE)))
  })

  test('another content has another revision', async () => {
    const changed = await pack(treeOf({ ...TREE, 'mcp/roles/data.yaml': 'admin: {a: 1}\n' }))
    const first = await pack(treeOf(TREE))
    expect(changed.ok && first.ok && changed.value.revision !== first.value.revision).toBe(true)
  })

  test('writes a bundle that can be read', async () => {
    const out = join(treeOf({}), 'new', 'bundle.tar.gz')
    const built = await buildBundle({ policyDir: treeOf(TREE), opa, capabilities, tools: [], revision: 'r1', out })
    expect(built).toEqual({ ok: true, value: { file: out, revision: 'r1', sha256: sha256(readFileSync(out)) } })
    const read = await readBundle(readFileSync(out))
    expect(read.ok && [read.value.revision, read.value.data]).toEqual(['r1', { mcp: { roles: { admin: {} } } }])
  })

  test('does not look into folders that begin with a dot', async () => {
    const hidden = {
      ...TREE,
      '.hidden/x.rego': 'package mcp.rules.a.c\n\npermit contains {"code": "hidden", "message": "hidden"}\n',
    }
    expect(await pack(treeOf(hidden))).toEqual(await pack(treeOf(TREE)))
  })
})

describe('a place that cannot be written', () => {
  test('is named, and nothing is left there', async () => {
    const dir = treeOf({ 'out/x': '' })
    const out = join(dir, 'out')
    const built = await buildBundle({ policyDir: treeOf(TREE), opa, capabilities, tools: [], out })
    expect(built).toMatchObject({ ok: false, error: [{ remedy: 'Name a place that can be' }] })
    expect(readdirSync(dir)).toEqual(['out'])
  })
})

describe('refused', () => {
  test('a folder that is not there', async () => {
    expect(await pack('/no/such/folder')).toEqual({
      ok: false,
      error: [{ message: 'there is no such policy folder', remedy: 'Name the root of a policy tree' }],
    })
  })

  test('a syntax error, with its place', async () => {
    const built = await pack(treeOf({ ...TREE, 'mcp/lib/l/l.rego': 'package mcp.lib.l\n\nx := := 1\n' }))
    const place = {
      file: 'mcp/lib/l/l.rego',
      line: 3,
      remedy: 'Correct the syntax; `opa parse` and `opa fmt` show where',
    }
    expect(built).toEqual({
      ok: false,
      error: [
        { ...place, message: 'rego_parse_error: unexpected assign token' },
        {
          ...place,
          message: 'rego_parse_error: unexpected assign token: expected rule value term (e.g., x := <VALUE> { ... })',
        },
      ],
    })
  })

  test('a builtin that WASM lacks, with its place', async () => {
    const built = await pack(treeOf({ ...TREE, 'mcp/lib/l/l.rego': 'package mcp.lib.l\n\nx := time.now_ns()\n' }))
    expect(built).toEqual({
      ok: false,
      error: [
        {
          file: 'mcp/lib/l/l.rego',
          line: 3,
          message: 'rego_type_error: undefined function time.now_ns',
          remedy: 'Correct the policy; `portcullis check` shows the same',
        },
      ],
    })
  })

  test('a link', async () => {
    const dir = treeOf(TREE)
    mkdirSync(join(dir, 'mcp/rules/a/c'))
    writeFileSync(join(dir, 'real'), 'package mcp.rules.a.c\n')
    symlinkSync(join(dir, 'real'), join(dir, 'mcp/rules/a/c/c.rego'))
    expect(await pack(dir)).toEqual({
      ok: false,
      error: [
        { file: 'mcp/rules/a/c/c.rego', message: 'is a link or no regular file', remedy: 'Put the file itself there' },
      ],
    })
  })
})
