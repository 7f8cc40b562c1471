import * as fsPromises from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { openBelow } from './descriptors.ts'
import type { Fixture } from './fixture.ts'

// A disk that takes the first half of what is written to it.
const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
jest.unstable_mockModule('node:fs/promises', () => ({
  ...fsPromises,
  open: async (...args: Parameters<typeof fsPromises.open>) => {
    const file = await fsPromises.open(...args)
    const writeFile = async (bytes: Uint8Array) => {
      await file.write(bytes.subarray(0, bytes.length / 2))
      throw full
    }
    return Object.assign(file, { writeFile })
  },
}))
const { createFixture, readText } = await import('./fixture.ts')

describe('a full disk', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await createFixture({ 'docs/a.txt': 'old' })
  })
  afterEach(async () => {
    await fixture.remove()
    expect(openBelow(dirname(fixture.inside))).toEqual([])
  })

  const paths: readonly (readonly [path: string, overwrite: boolean])[] = [
    ['docs/a.txt', true],
    ['docs/new.txt', false],
    ['docs/new.txt', true],
  ]
  test.each(paths)('leaves the old content and nothing else: %s, overwrite %s (A-050)', async (path, overwrite) => {
    await expect(fixture.everything.write(path, Buffer.alloc(1000), { overwrite })).rejects.toBe(full)
    expect(await readText(fixture.everything, 'docs/a.txt')).toBe('old')
    expect(await fsPromises.readdir(join(fixture.inside, 'docs'))).toEqual(['a.txt'])
  })
})
