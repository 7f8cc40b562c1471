import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Static } from 'typebox'
import { listFiles } from '../../../src/tools/list-files.ts'
import { confine } from '../../../src/tools/workspace/confine.ts'
import { capabilities, resultOf } from './running.ts'
import { CONFINED, confineTo, createFixture, type Fixture, faultOf } from './workspace/fixture.ts'

type Input = Static<typeof listFiles.input>
const cursorFor = (text: string) => Buffer.from(text).toString('base64url')

describe('listFiles', () => {
  let fixture: Fixture
  const files = ['a-b.txt', 'a/x.txt', 'a/y/z.txt', 'a.txt', 'b/c.txt', 'private/k']
  beforeAll(async () => {
    fixture = await createFixture(Object.fromEntries(files.map((path) => [path, path])))
    for (const path of ['a.txt', 'b']) await utimes(join(fixture.inside, path), 0, 0)
  })
  afterAll(async () => fixture.remove())

  const open = confineTo({ read: [['a-b.txt'], ['a'], ['a.txt'], ['b']] })
  const list = async (args: Input, signal = new AbortController().signal) =>
    resultOf(listFiles.run(args, capabilities(confine(fixture.root, [open]), signal)))
  const paths = async (args: Input) => {
    const listed = await list(args)
    return listed.ok ? listed.value.entries.map(({ path }) => path) : listed
  }

  const rows: readonly (readonly [args: Input, paths: unknown])[] = [
    [{}, ['a', 'a-b.txt', 'a.txt', 'b']],
    [{ path: '/', depth: 2 }, ['a', 'a/x.txt', 'a/y', 'a-b.txt', 'a.txt', 'b', 'b/c.txt']],
    [{ path: '', depth: 8 }, ['a', 'a/x.txt', 'a/y', 'a/y/z.txt', 'a-b.txt', 'a.txt', 'b', 'b/c.txt']],
    [{ path: '/a/' }, ['a/x.txt', 'a/y']],
    [{ path: 'a/y' }, ['a/y/z.txt']],
    [{ path: 'a.txt' }, faultOf('not_a_directory')],
    [{ path: 'private' }, CONFINED],
    [{ path: 'a/none' }, faultOf('not_found')],
    [{ cursor: cursorFor('a.txt') }, ['b']],
    [{ cursor: cursorFor('a.txt2') }, ['b']],
    [{ cursor: cursorFor('z') }, []],
    [{ cursor: '!' }, faultOf('invalid_range')],
    [{ cursor: cursorFor('../x') }, faultOf('invalid_range')],
    [{ cursor: `${cursorFor('a')}=` }, faultOf('invalid_range')],
  ]
  test.each(rows)('%j', async (args, expected) => {
    expect(await paths(args)).toEqual(expected)
  })

  test('entries tell kind, size and time', async () => {
    expect(await list({ limit: 1, cursor: cursorFor('a-b.txt') })).toEqual({
      ok: true,
      value: {
        entries: [{ path: 'a.txt', kind: 'file', size: 5, modified: '1970-01-01T00:00:00.000Z' }],
        next_cursor: cursorFor('a.txt'),
      },
    })
    expect(await list({ cursor: cursorFor('a.txt') })).toEqual({
      ok: true,
      value: { entries: [{ path: 'b', kind: 'directory', size: 0, modified: '1970-01-01T00:00:00.000Z' }] },
    })
  })

  test('pages of any size make the whole', async () => {
    const place = fc.record({ path: fc.constantFrom('', 'a', '/a/'), depth: fc.integer({ min: 1, max: 4 }) })
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 9 }), async (place, limit) => {
        const pages: string[] = []
        let cursor: string | undefined
        do {
          const page = await list({ ...place, limit, ...(cursor === undefined ? {} : { cursor }) })
          if (!page.ok) throw new Error(page.error.code)
          pages.push(...page.value.entries.map(({ path }) => path))
          cursor = page.value.next_cursor
        } while (cursor !== undefined)
        expect(pages).toEqual(await paths(place))
      }),
    )
  })

  test('stops when told to', async () => {
    expect(await list({}, AbortSignal.abort())).toEqual(faultOf('timed_out'))
  })
})
