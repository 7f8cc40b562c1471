import { execFileSync } from 'node:child_process'
import { link, mkdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { confine } from '../../../../src/tools/workspace/confine.ts'
import { openBelow } from './descriptors.ts'
import { CONFINED, confineTo, createFixture, type Fixture, faultOf, namesIn } from './fixture.ts'

describe('listing in the workspace', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await createFixture({
      'docs/b.txt': 'four',
      'docs/a.txt': 'a',
      'docs/.env': 'secret',
      'docs/team/x.md': 'x',
      'docs/.portcullis-00ff': 'unfinished',
      'private/k': 'k',
      'top.txt': 'top',
    })
  })
  afterEach(async () => {
    await fixture.remove()
    expect(openBelow(dirname(fixture.inside))).toEqual([])
  })

  const restricted = confineTo({
    read: [
      ['docs', 'team'],
      ['docs', 'a.txt'],
    ],
    never: ['.env'],
  })
  const docs = confineTo({ read: [['docs']], never: ['.env'] })
  const rows: readonly (readonly [path: string, open: typeof docs, names: unknown])[] = [
    ['', docs, ['docs/']],
    ['docs', docs, ['a.txt', 'b.txt', 'team/']],
    ['/docs/', docs, ['a.txt', 'b.txt', 'team/']],
    ['docs/team', docs, ['x.md']],
    ['private', docs, CONFINED],
    ['docs/.env', docs, CONFINED],
    ['docs/none', docs, faultOf('not_found')],
    ['docs/a.txt', docs, faultOf('not_a_directory')],
    ['', restricted, ['docs/']],
    ['docs', restricted, ['a.txt', 'team/']],
    ['docs', confineTo({ read: [[]] }), ['.env', 'a.txt', 'b.txt', 'team/']],
    ['', confineTo({ write: [[]] }), CONFINED],
    ['..', confineTo({ read: [[]] }), CONFINED],
    ['', confineTo({ read: [['top.txt', 'below']] }), []],
  ]
  test.each(rows)('%j under %j', async (path, open, names) => {
    expect(await namesIn(confine(fixture.root, [open]), path)).toEqual(names)
  })

  test('an entry has kind, size and time', async () => {
    for (const name of ['docs/a.txt', 'docs/b.txt', 'docs/team']) {
      await utimes(join(fixture.inside, name), 1_700_000_000, 1_700_000_000)
    }
    const modified = '2023-11-14T22:13:20.000Z'
    expect(await confine(fixture.root, [docs]).list('docs')).toEqual({
      ok: true,
      value: [
        { name: 'a.txt', kind: 'file', size: 1, modified },
        { name: 'b.txt', kind: 'file', size: 4, modified },
        { name: 'team', kind: 'directory', size: 0, modified },
      ],
    })
  })

  test('what a read would refuse is not shown (A-027, A-048)', async () => {
    const { inside, outside } = fixture
    await symlink(join(outside, 'secret.txt'), join(inside, 'docs/link'))
    await symlink(outside, join(inside, 'docs/linked'))
    await link(join(outside, 'secret.txt'), join(inside, 'docs/hard'))
    execFileSync('mkfifo', [join(inside, 'docs/fifo')])
    await writeFile(join(inside, 'docs/a\u202eb'), 'bidi')
    await writeFile(Buffer.concat([Buffer.from(join(inside, 'docs/bad')), Buffer.from([0xff])]), 'not UTF-8')
    expect(await namesIn(confine(fixture.root, [docs]), 'docs')).toEqual(['a.txt', 'b.txt', 'team/'])
  })

  test('a name that is not UTF-8 does not stand for its twin with a replacement character (A-018)', async () => {
    await writeFile(Buffer.concat([Buffer.from(join(fixture.inside, 'bad')), Buffer.from([0xff])]), 'not UTF-8')
    await fixture.put('bad\ufffd', 'UTF-8')
    expect(await namesIn(fixture.everything, '')).toEqual(['bad\ufffd', 'docs/', 'private/', 'top.txt'])
  })

  test('a directory of thousands of entries is sorted and whole (A-044)', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `f${String(i).padStart(4, '0')}`)
    await mkdir(join(fixture.inside, 'many'))
    await Promise.all(names.map((name) => writeFile(join(fixture.inside, 'many', name), '')))
    expect(await namesIn(fixture.everything, 'many')).toEqual(names)
  })
})
