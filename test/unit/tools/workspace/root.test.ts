import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { confine } from '../../../../src/tools/workspace/confine.ts'
import { openWorkspaceRoot } from '../../../../src/tools/workspace/root.ts'
import { openBelow } from './descriptors.ts'
import { EVERYTHING, readText } from './fixture.ts'

describe('openWorkspaceRoot', () => {
  let base: string
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'root-'))
  })
  afterEach(async () => {
    await rm(base, { recursive: true, force: true })
  })

  const kernel = 'this is a file system of the kernel or of devices; name a directory with plain files'
  const refused: readonly (readonly [directory: string, problem: string])[] = [
    ['/', 'this is the root of the whole file system; name a directory below it'],
    ['/proc', kernel],
    ['/proc/self', kernel],
    ['/proc/self/fd', kernel],
    ['/sys', kernel],
    ['/dev', kernel],
    ['/nowhere', 'no such directory; create it or name another one'],
    ['/proc/self/exe', 'not a directory; name a directory'],
  ]
  test.each(refused)('%s is refused', (directory, problem) => {
    const before = openBelow(directory)
    expect(openWorkspaceRoot(directory)).toEqual({ ok: false, error: `workspace ${directory}: ${problem}` })
    expect(openBelow(directory)).toEqual(before)
  })

  test('keeps the opened directory when its name leads elsewhere (A-035)', async () => {
    const directory = join(base, 'a')
    await mkdir(directory)
    await mkdir(join(base, 'out'))
    await writeFile(join(directory, 'x.txt'), 'inside')
    await writeFile(join(base, 'out', 'x.txt'), 'outside')
    const opened = openWorkspaceRoot(directory)
    if (!opened.ok) throw new Error(opened.error)
    await rename(directory, join(base, 'b'))
    await symlink(join(base, 'out'), directory)
    expect(await readText(confine(opened.value, [EVERYTHING]), 'x.txt')).toBe('inside')
    opened.value.close()
    expect(openBelow(base)).toEqual([])
  })
})
