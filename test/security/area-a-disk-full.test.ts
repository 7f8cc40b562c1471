import * as fsPromises from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, jest } from '@jest/globals'

// A disk that takes the first half of what a tool writes to it.
jest.unstable_mockModule('node:fs/promises', () => ({
  ...fsPromises,
  open: async (...args: Parameters<typeof fsPromises.open>) => {
    const file = await fsPromises.open(...args)
    if (!String(args[0]).startsWith('/proc/self/fd/')) return file
    const writeFile = async (bytes: Uint8Array) => {
      await file.write(bytes.subarray(0, bytes.length / 2))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    return Object.assign(file, { writeFile })
  },
}))
const { attacksOn } = await import('./attack.ts')
const { expectAnswer, toolFailed } = await import('./expected.ts')

describe('a full disk', () => {
  const attack = attacksOn({ files: { 'public/a.txt': 'old' } })

  attack(
    'A-050',
    async (scene) => {
      const folder = join(scene.server.workspace, 'public')
      const before = await fsPromises.readdir(folder)
      const args = { path: 'public/a.txt', content: 'x'.repeat(100_000), overwrite: true }
      expectAnswer(await scene.call('writeFile', args), toolFailed())
      expect(await fsPromises.readFile(join(folder, 'a.txt'), 'utf8')).toBe('old')
      expect(await fsPromises.readdir(folder)).toEqual(before)
    },
    {
      roles: ['user'],
      logged: (lines) => {
        const ends = lines.filter(({ kind }) => kind === 'outcome')
        expect(ends.map(({ status, charged }) => ({ status, charged }))).toEqual([{ status: 'failed', charged: true }])
      },
    },
  )
})
