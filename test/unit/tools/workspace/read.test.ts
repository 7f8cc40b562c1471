import { execFileSync } from 'node:child_process'
import { link, symlink, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toSegments } from '../../../../src/lib/path-segments.ts'
import { confine } from '../../../../src/tools/workspace/confine.ts'
import { openBelow } from './descriptors.ts'
import { CONFINED, confineTo, createFixture, type Fixture, faultOf, readText } from './fixture.ts'

describe('reading in the workspace', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await createFixture({
      'public/a.txt': 'public a',
      'public/empty': '',
      'private/k': 'private k',
      'my..file.txt': 'two dots',
      'secretary.txt': 'innocent',
      'a\\b.txt': 'backslash',
      '%2e%2e': 'percent',
      'caf\u00e9': 'NFC',
      'cafe\u0301': 'NFD',
    })
    const { inside, outside } = fixture
    await symlink(join(outside, 'secret.txt'), join(inside, 'l'))
    await symlink(join(inside, 'public/a.txt'), join(inside, 'inner'))
    await symlink(outside, join(inside, 'd'))
    await symlink('/proc/self', join(inside, 'ps'))
    await symlink('/dev/zero', join(inside, 'zero'))
    await symlink('loop2', join(inside, 'loop1'))
    await symlink('loop1', join(inside, 'loop2'))
    await symlink('nowhere', join(inside, 'dangling'))
    await link(join(outside, 'secret.txt'), join(inside, 'hard'))
    execFileSync('mkfifo', [join(inside, 'fifo')])
  })
  afterEach(async () => {
    await fixture.remove()
    expect(openBelow(dirname(fixture.inside))).toEqual([])
  })

  const read: readonly (readonly [path: string, content: string])[] = [
    ['public/a.txt', 'public a'],
    ['/public/a.txt', 'public a'],
    ['public/empty', ''],
    ['my..file.txt', 'two dots'],
    ['secretary.txt', 'innocent'],
    ['a\\b.txt', 'backslash'],
    ['%2e%2e', 'percent'],
    ['caf\u00e9', 'NFC'],
    ['cafe\u0301', 'NFD'],
  ]
  test.each(read)('%s is read', async (path, content) => {
    expect(await readText(fixture.everything, path)).toBe(content)
  })

  const refused: readonly (readonly [title: string, path: string, answer: unknown])[] = [
    ['A-003 absolute path outside', '/etc/passwd', faultOf('not_found')],
    ['A-008 dots inside', 'public/../public/a.txt', CONFINED],
    ['A-009 leading slashes', '//etc/passwd', CONFINED],
    ['A-009 double slash', 'public//a.txt', CONFINED],
    ['A-010 dot segment', 'public/./a.txt', CONFINED],
    ['A-011 encoded dots', '%2e%2e%2fa-evil%2fsecret.txt', faultOf('not_found')],
    ['A-011 encoded slash', '..%2f', faultOf('not_found')],
    ['A-011 encoded twice', '%252e%252e', faultOf('not_found')],
    ['A-012 backslashes', '..\\a-evil\\secret.txt', faultOf('not_found')],
    ['A-013 NUL', 'public/a.txt\0.png', CONFINED],
    ['A-017 lone surrogate', 's\ud800x', CONFINED],
    ['A-019 trailing slash', 'public/a.txt/', faultOf('not_a_directory')],
    ['A-019 trailing dot', 'public/a.txt.', faultOf('not_found')],
    ['A-019 trailing space', 'public/a.txt ', faultOf('not_found')],
    ['A-022 home', '~/.ssh/id_rsa', faultOf('not_found')],
    ['A-023 file URI', 'file:/etc/passwd', faultOf('not_found')],
    ['A-024 the root', '', faultOf('not_a_file')],
    ['A-024 the root as a slash', '/', faultOf('not_a_file')],
    ['A-024 the working directory', '.', CONFINED],
    ['A-026 link to a file outside', 'l', CONFINED],
    ['A-026 link to a file inside', 'inner', CONFINED],
    ['A-026 link to nothing', 'dangling', CONFINED],
    ['A-027 through a link to a directory outside', 'd/secret.txt', CONFINED],
    ['A-027 the link to the directory itself', 'd', CONFINED],
    ['A-028 link loop', 'loop1', CONFINED],
    ['A-028 through a link loop', 'loop1/x', CONFINED],
    ['A-038 magic link', 'ps/environ', CONFINED],
    ['A-038 magic link, two deep', 'ps/root/etc/passwd', CONFINED],
    ['A-038 device', 'zero', CONFINED],
    ['A-039 FIFO', 'fifo', CONFINED],
    ['A-039 through a FIFO', 'fifo/x', CONFINED],
    ['hard link to a file outside', 'hard', CONFINED],
    ['a directory', 'public', faultOf('not_a_file')],
    ['a file as a directory', 'public/a.txt/b', faultOf('not_a_directory')],
    ['a directory that is not there', 'nowhere/a.txt', faultOf('not_found')],
  ]
  test.each(refused)('%s', async (_, path, answer) => {
    expect(await readText(fixture.everything, path)).toEqual(answer)
  })

  test('A-004 a sibling with the root as string prefix is another name', async () => {
    expect(await readText(fixture.everything, `${fixture.outside}/secret.txt`)).toEqual(faultOf('not_found'))
    expect(await readText(fixture.everything, '../a-evil/secret.txt')).toEqual(CONFINED)
  })

  test('what exists and what does not read alike where nothing is open', async () => {
    const workspace = confine(fixture.root, [confineTo({ read: [['public']] })])
    expect(await readText(workspace, 'private/k')).toEqual(CONFINED)
    expect(await readText(workspace, 'private/none')).toEqual(CONFINED)
  })

  test('A-014 the decision on one Unicode form does not open the other', async () => {
    const workspace = confine(fixture.root, [confineTo({ read: [['caf\u00e9']] })])
    expect(await readText(workspace, 'caf\u00e9')).toBe('NFC')
    expect(await readText(workspace, 'cafe\u0301')).toEqual(CONFINED)
  })

  test('A-039 FIFOs do not hold up other reads', async () => {
    const fifos = Array.from({ length: 8 }, () => readText(fixture.everything, 'fifo'))
    expect(await readText(fixture.everything, 'public/a.txt')).toBe('public a')
    expect(await Promise.all(fifos)).toEqual(Array(8).fill(CONFINED))
  })

  test('a socket is refused', async () => {
    const server = createServer().listen(join(fixture.inside, 'socket'))
    const answer = await readText(fixture.everything, 'socket')
    await new Promise((resolve) => server.close(resolve))
    expect(answer).toEqual(CONFINED)
  })

  test('A-041 a file above the limit is refused before it is read', async () => {
    await fixture.put('big', '')
    await truncate(join(fixture.inside, 'big'), 10 * 2 ** 30)
    expect(await readText(fixture.everything, 'big')).toEqual(faultOf('too_large'))
  })

  const large = Buffer.alloc(300_000, '0123456789')
  const ranges: readonly (readonly [offset: number, length: number])[] = [
    [0, 10],
    [5, 64 * 1024],
    [7, 64 * 1024 + 1],
    [0, 1_000_000],
    [299_999, 10],
    [300_000, 10],
  ]
  test.each(ranges)('a range from %i of %i bytes', async (offset, length) => {
    await fixture.put('large', large)
    const read = await fixture.everything.read('large', { offset, length, limit: 300_000 })
    expect(read.ok && { ...read.value, bytes: Buffer.from(read.value.bytes) }).toEqual({
      bytes: large.subarray(offset, offset + length),
      size: 300_000,
    })
  })

  test('a range that begins after the end', async () => {
    const read = await fixture.everything.read('public/a.txt', { offset: 9, length: 1, limit: 100 })
    expect(read).toEqual(faultOf('invalid_range'))
  })

  test('the path decided on is the path opened', async () => {
    const unit = fc.constantFrom('a', 'b', '.', '/', '\\', ' ', '%2f', 'é', '\0', '\ud800', '\u202e', '~')
    let opened = 0
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 12 }), fc.nat(6), async (path, depth) => {
        const segments = toSegments(path)
        if (!segments.ok || segments.value.length === 0) {
          expect(await readText(fixture.everything, path)).toEqual(segments.ok ? faultOf('not_a_file') : CONFINED)
          return
        }
        const single = await createFixture()
        const content = JSON.stringify(segments.value)
        await single.put(segments.value.join('/'), content)
        const prefix = segments.value.slice(0, depth)
        const other = [...prefix.slice(0, -1), `${prefix.at(-1) ?? ''}x`]
        const isTrailing = path.endsWith('/')
        const answer = await readText(confine(single.root, [confineTo({ read: [prefix] })]), path)
        expect(answer).toEqual(isTrailing ? faultOf('not_a_directory') : content)
        expect(await readText(confine(single.root, [confineTo({ read: [other] })]), path)).toEqual(CONFINED)
        opened += 1
        await single.remove()
      }),
      { numRuns: 150 },
    )
    expect(opened).toBeGreaterThan(10)
  })

  test('a throw closes what was opened', async () => {
    await fixture.put('x/y/z', 'z')
    const during = openBelow(fixture.inside)
    const read = fixture.everything.read('x/y/z', { offset: Number.NaN, length: 1, limit: 10 })
    await expect(read).rejects.toThrow('The value of "size" is out of range')
    expect(openBelow(fixture.inside)).toEqual(during)
  })
})
