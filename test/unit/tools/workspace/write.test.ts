import { execFileSync } from 'node:child_process'
import { link, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { confine } from '../../../../src/tools/workspace/confine.ts'
import { openBelow } from './descriptors.ts'
import { CANARY, CONFINED, confineTo, createFixture, type Fixture, faultOf, readText } from './fixture.ts'

const written = (created: boolean) => ({ ok: true, value: { created } })

describe('writing in the workspace', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await createFixture({ 'docs/a.txt': 'old', 'private/k': 'k' })
    const { inside, outside } = fixture
    await symlink(join(outside, 'secret.txt'), join(inside, 't'))
    await symlink(outside, join(inside, 'd'))
    await link(join(outside, 'secret.txt'), join(inside, 'hard'))
    execFileSync('mkfifo', [join(inside, 'fifo')])
  })
  afterEach(async () => {
    expect(await readdir(fixture.outside)).toEqual(['secret.txt'])
    expect(await readFile(join(fixture.outside, 'secret.txt'), 'utf8')).toBe(CANARY)
    await fixture.remove()
    expect(openBelow(dirname(fixture.inside))).toEqual([])
  })

  const write = (path: string, content: string, overwrite = false, workspace = fixture.everything) =>
    workspace.write(path, Buffer.from(content), { overwrite })

  test('creates, refuses to replace, replaces when told to', async () => {
    expect(await write('docs/new.txt', 'one')).toEqual(written(true))
    expect(await write('docs/new.txt', 'two')).toEqual(faultOf('already_exists'))
    expect(await readText(fixture.everything, 'docs/new.txt')).toBe('one')
    expect(await write('docs/new.txt', 'three', true)).toEqual(written(false))
    expect(await readText(fixture.everything, 'docs/new.txt')).toBe('three')
    expect(await write('top.txt', 'top', true)).toEqual(written(true))
    expect(await readdir(join(fixture.inside, 'docs'))).toEqual(['a.txt', 'new.txt'])
  })

  const refused: readonly (readonly [title: string, path: string, answer: unknown])[] = [
    ['A-030 through a link', 't', CONFINED],
    ['A-030 through a link to a directory', 'd/w.txt', CONFINED],
    ['over a hard link to a file outside', 'hard', CONFINED],
    ['over a FIFO', 'fifo', CONFINED],
    ['over a directory', 'docs', faultOf('not_a_file')],
    ['the root', '', faultOf('not_a_file')],
    ['a trailing slash', 'docs/new/', faultOf('not_a_file')],
    ['below a file', 'docs/a.txt/b', faultOf('not_a_directory')],
    ['below nothing', 'none/b', faultOf('not_found')],
    ['outside', '../a-evil/secret.txt', CONFINED],
    ['A-016 bidi name', 'a\u202egnp.exe', CONFINED],
    ['the name of an unfinished write', '.portcullis-1', CONFINED],
  ]
  test.each(refused)('%s is refused, overwriting or not', async (_, path, answer) => {
    const names = await readdir(fixture.inside)
    expect(await write(path, 'x', true)).toEqual(answer)
    expect(await write(path, 'x', false)).toEqual(answer)
    expect(await readdir(fixture.inside)).toEqual(names)
  })

  test('only below a write prefix, never a closed name (A-051)', async () => {
    const workspace = confine(fixture.root, [confineTo({ read: [[]], write: [['docs']], never: ['.git'] })])
    expect(await write('docs/b', 'b', false, workspace)).toEqual(written(true))
    expect(await write('private/k', 'x', true, workspace)).toEqual(CONFINED)
    expect(await write('docs/.git', 'x', true, workspace)).toEqual(CONFINED)
    expect(await readText(fixture.everything, 'private/k')).toBe('k')
  })

  test('a new file is not executable nor open to everybody; a replaced one keeps its mode without set-id bits', async () => {
    await write('docs/new.txt', 'x')
    expect((await stat(join(fixture.inside, 'docs/new.txt'))).mode & 0o7137).toBe(0)
    execFileSync('chmod', ['4755', join(fixture.inside, 'docs/a.txt')])
    await write('docs/a.txt', 'x', true)
    expect((await stat(join(fixture.inside, 'docs/a.txt'))).mode & 0o7777).toBe(0o644)
  })

  test('of concurrent creators exactly one wins (A-052)', async () => {
    const bodies = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000))
    const answers = await Promise.all(bodies.map((body) => write('docs/one', body)))
    expect(answers.filter(({ ok }) => ok)).toEqual([written(true)])
    expect(answers.filter(({ ok }) => !ok)).toEqual(Array(19).fill(faultOf('already_exists')))
    expect(await readText(fixture.everything, 'docs/one')).toBe(bodies[answers.findIndex(({ ok }) => ok)])
    expect(await readdir(join(fixture.inside, 'docs'))).toEqual(['a.txt', 'one'])
  })

  test('concurrent replacers leave exactly one body (A-052)', async () => {
    const bodies = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(100_000))
    const answers = await Promise.all(bodies.map((body) => write('docs/a.txt', body, true)))
    expect(answers).toEqual(Array(20).fill(written(false)))
    expect(bodies).toContain(await readText(fixture.everything, 'docs/a.txt'))
    expect(await readdir(join(fixture.inside, 'docs'))).toEqual(['a.txt'])
  })
})
