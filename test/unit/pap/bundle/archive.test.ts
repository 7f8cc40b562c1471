import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Header } from 'tar'
import { readArchive, writeArchive } from '../../../../src/pap/bundle/archive.ts'

type Entry = {
  readonly path: string
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'GlobalExtendedHeader'
}

function tarOf(...entries: readonly Entry[]): Uint8Array {
  const blocks = entries.map(({ path, type = 'File' }) => {
    const block = Buffer.alloc(512)
    const target = type === 'SymbolicLink' || type === 'Link' ? { linkpath: '/etc/passwd' } : {}
    new Header({ path, type, size: 0, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, ...target }).encode(block)
    return block
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** The same archive with a first path that begins as a gzip stream does. */
function asGzip(archive: Uint8Array): Uint8Array {
  const changed = Buffer.from(archive)
  changed.set([0x1f, 0x8b])
  changed.fill(' ', 148, 156)
  const sum = changed.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  changed.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return changed
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe('what is written', () => {
  const files = new Map([
    ['policy.wasm', bytes('w'.repeat(2_000))],
    ['.manifest', bytes('{}')],
    ['empty', bytes('')],
  ])

  test('is read back', () => {
    expect(readArchive(gunzipSync(writeArchive(files)))).toEqual({ ok: true, value: files })
  })

  test('has the same bytes in whatever order it is given', () => {
    expect(writeArchive(new Map([...files].toReversed()))).toEqual(writeArchive(files))
  })
})

describe('what is refused', () => {
  const cases: readonly { name: string; entries: readonly Entry[]; error: string }[] = [
    {
      name: 'a symbolic link',
      entries: [{ path: 'a', type: 'SymbolicLink' }],
      error: 'is refused: "a" is a SymbolicLink',
    },
    { name: 'a hard link', entries: [{ path: 'a', type: 'Link' }], error: 'is refused: "a" is a Link' },
    { name: 'a pipe', entries: [{ path: 'a', type: 'FIFO' }], error: 'is refused: "a" is a FIFO' },
    { name: 'a way up', entries: [{ path: 'a/../../b' }], error: 'is refused: "a/../../b" leads elsewhere' },
    { name: 'a way up at the start', entries: [{ path: '../b' }], error: 'is refused: "../b" leads elsewhere' },
    { name: 'two leading slashes', entries: [{ path: '//etc/a' }], error: 'is refused: "//etc/a" leads elsewhere' },
    {
      name: 'a backslash',
      entries: [{ path: 'a\\b' }],
      error: 'is refused: "a\\\\b" has a character that no path has',
    },
    { name: 'one path twice', entries: [{ path: '/a' }, { path: 'a' }], error: 'is refused: a stands in it twice' },
    {
      name: 'paths that differ in case alone',
      entries: [{ path: 'a/B' }, { path: 'A/b' }],
      error: 'is refused: a/B and A/b are one file where case does not count',
    },
    {
      name: 'a file in a file',
      entries: [{ path: 'a' }, { path: 'a/b' }],
      error: 'is refused: a is a file and a folder',
    },
    {
      name: 'a file that was a folder',
      entries: [{ path: 'a/b' }, { path: 'a' }],
      error: 'is refused: a is a file and a folder',
    },
    {
      name: 'a line break',
      entries: [{ path: 'a\nb' }],
      error: 'is refused: "a\\nb" has a character that no path has',
    },
    {
      name: 'too many entries',
      entries: Array.from({ length: 10_001 }, (_, i) => ({ path: `f${i}` })),
      error: 'is refused: more than 10000 entries',
    },
  ]
  test.each(cases)('$name', ({ entries, error }) => {
    expect(readArchive(tarOf(...entries))).toEqual({ ok: false, error })
  })

  const whole = tarOf({ path: 'a' })
  const frames: readonly { name: string; archive: Uint8Array; error: string }[] = [
    { name: 'no end', archive: whole.subarray(0, 512), error: 'is refused: its end is missing' },
    { name: 'a packed archive', archive: gzipSync(whole), error: 'is refused: a packed archive in it' },
    {
      name: 'what passes for a packed archive too',
      archive: asGzip(tarOf({ path: 'ab' })),
      error: 'is refused: a packed archive in it',
    },
    { name: 'nothing', archive: new Uint8Array(0), error: 'is refused: its end is missing' },
    {
      name: 'data after the end',
      archive: Buffer.concat([whole, tarOf({ path: 'b' })]),
      error: 'is refused: data after its end',
    },
    {
      name: 'a header for all entries',
      archive: tarOf({ path: 'pax', type: 'GlobalExtendedHeader' }, { path: 'a' }),
      error: 'is refused: "pax" is a GlobalExtendedHeader',
    },
  ]
  test.each(frames)('$name', ({ archive, error }) => {
    expect(readArchive(archive)).toEqual({ ok: false, error })
  })

  test('what is no tar', () => {
    expect(readArchive(bytes('x'.repeat(1_024)))).toMatchObject({ ok: false })
  })

  test('any part of an archive', () => {
    const archive = gunzipSync(
      writeArchive(
        new Map([
          ['a', bytes('x'.repeat(600))],
          ['b', bytes('y')],
        ]),
      ),
    )
    for (let end = 0; end <= archive.length - 1_024; end += 128) {
      expect(readArchive(archive.subarray(0, end))).toMatchObject({ ok: false })
    }
  })
})

test('folders and one leading slash are taken', () => {
  const archive = tarOf({ path: './', type: 'Directory' }, { path: '/a', type: 'Directory' }, { path: '/a/b' })
  expect(readArchive(archive)).toEqual({ ok: true, value: new Map([['a/b', new Uint8Array()]]) })
})
