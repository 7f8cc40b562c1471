import { symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { searchFiles } from '../../../src/tools/search-files.ts'
import { confine } from '../../../src/tools/workspace/confine.ts'
import { capabilities, resultOf } from './running.ts'
import { CANARY, CONFINED, confineTo, createFixture, type Fixture, faultOf } from './workspace/fixture.ts'

type Input = Static<typeof searchFiles.input>
const found = (...matches: unknown[]) => ({ ok: true, value: { matches, truncated: false } })
const cut = (...matches: unknown[]) => ({ ok: true, value: { matches, truncated: true } })

describe('searchFiles', () => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await createFixture({
      'docs/a.md': 'first\nneedle one\r\nneedle, needle\nlast',
      'docs/b.txt': 'no such thing',
      'docs/deep/c.md': `${'é'.repeat(300)}needle${'😀'.repeat(300)}`,
      'docs/binary': Buffer.from('needle\0'),
      'docs/latin1': Buffer.from([...Buffer.from('needle'), 0xe9]),
      'docs/redos': `${'a'.repeat(5000)}! (a+)+$ --pre=sh`,
      'docs/.env': CANARY,
      'private/k': `${CANARY} needle`,
      'big/sparse': '',
    })
    await symlink(join(fixture.outside, 'secret.txt'), join(fixture.inside, 'docs/link'))
    await symlink(fixture.outside, join(fixture.inside, 'docs/linked'))
    await truncate(join(fixture.inside, 'big/sparse'), 10 * 2 ** 30)
  })
  afterAll(async () => fixture.remove())

  const open = confineTo({ read: [['docs'], ['big']], never: ['.env'] })
  const search = async (args: Input, signal = new AbortController().signal) =>
    resultOf(searchFiles.run(args, capabilities(confine(fixture.root, [open]), signal)))

  const one = { path: 'docs/a.md', line: 2, text: 'needle one' }
  const two = { path: 'docs/a.md', line: 3, text: 'needle, needle' }
  const deep = { path: 'docs/deep/c.md', line: 1, text: `${'é'.repeat(50)}needle${'😀'.repeat(72)}` }
  const redos = (text: string) => found({ path: 'docs/redos', line: 1, text })
  const end = `${'a'.repeat(200 - '! (a+)+$ --pre=sh'.length)}! (a+)+$ --pre=sh`

  const rows: readonly (readonly [args: Input, result: unknown])[] = [
    [{ path: 'docs', text: 'needle' }, found(one, two, deep)],
    [{ path: 'docs', text: 'needle', glob: 'docs/*.md' }, found()],
    [{ path: 'docs', text: 'needle', glob: '*.md' }, found(one, two, deep)],
    [{ path: 'docs', text: 'needle', glob: 'deep/*.md' }, found(deep)],
    [{ path: 'docs', text: 'needle', limit: 1 }, cut(one)],
    [{ path: 'docs', text: 'needle', limit: 3 }, found(one, two, deep)],
    [{ path: '/docs/', glob: '*.md' }, found({ path: 'docs/a.md' }, { path: 'docs/deep/c.md' })],
    [{ glob: 'docs/**/*.md', limit: 1 }, cut({ path: 'docs/a.md' })],
    [{ path: 'docs', text: 'CANARY' }, found()],
    [{ path: 'docs', glob: '{link,linked,.env}' }, found()],
    [{ path: 'docs', glob: '.*' }, found()],
    [{ path: 'docs', text: '^(a+)+$' }, found()],
    [{ path: 'docs', text: '(a+)+$' }, redos(end)],
    [{ path: 'docs', text: '--pre=sh' }, redos(end)],
    [{ path: 'big', text: 'x' }, cut()],
    [{ path: 'private', text: 'needle' }, CONFINED],
    [{ path: 'docs/linked', text: 'CANARY' }, CONFINED],
    [{ path: 'docs/b.txt', text: 'x' }, faultOf('not_a_directory')],
  ]
  test.each(rows)('%j', async (args, result) => {
    expect(await search(args)).toEqual(result)
  })

  test('the whole workspace tells no more of closed files than an empty one (A-047)', async () => {
    expect(await search({ text: 'CANARY', glob: 'docs/**' })).toEqual(found())
    expect(await search({ glob: 'k' })).toEqual(found())
  })

  test('stops when told to', async () => {
    expect(await search({ path: 'docs', text: 'needle' }, AbortSignal.abort())).toEqual(faultOf('timed_out'))
  })

  const inputs: readonly (readonly [args: unknown, isValid: boolean])[] = [
    [{ text: 'x' }, true],
    [{ glob: '*' }, true],
    [{}, false],
    [{ path: 'docs' }, false],
    [{ glob: '*a'.repeat(17) }, false],
    [{ text: '' }, false],
  ]
  test.each(inputs)('arguments %j: %s', (args, isValid) => {
    expect(Compile(searchFiles.input).Check(args)).toBe(isValid)
  })
})
