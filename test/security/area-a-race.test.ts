import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect } from '@jest/globals'
import { attacksOn } from './attack.ts'
import { contentOf, fileNotFound, type Readable, readable } from './expected.ts'
import type { Scene } from './scene.ts'
import { CANARY } from './server.ts'
import { startSwapper } from './swapper.ts'
import type { Answer } from './wire.ts'

const WANTED = 50
const MAX_ATTEMPTS = 20_000
const AT_ONCE = 4

const PLANS = `
default: {}
reader: { per_minute: { limit: 1000000, burst: 1000000 }, per_day: { limit: 1000000 }, concurrent: { limit: 16, lease: 60 }, max_bytes: 65536 }
standard: { per_minute: { limit: 1000000, burst: 1000000 }, per_day: { limit: 1000000 }, concurrent: { limit: 16, lease: 60 }, max_bytes: 65536 }
unhurried: {}
`

/** Calls, four at a time, until so many were answered as expected; what was neither that nor `not_found`. */
async function callUntil(wanted: number, call: () => Promise<Answer>, isExpected: (answer: Readable) => boolean) {
  const others: Readable[] = []
  let succeeded = 0
  for (let attempts = 0; succeeded < wanted && attempts < MAX_ATTEMPTS; attempts += AT_ONCE) {
    for (const answer of (await Promise.all(Array.from({ length: AT_ONCE }, call))).map(readable)) {
      if (isExpected(answer)) succeeded++
      else if (!isDeepStrictEqual(answer, fileNotFound())) others.push(answer)
    }
  }
  expect(succeeded).toBeGreaterThanOrEqual(wanted)
  return others
}

async function whileSwapped(path: string, run: () => Promise<void>): Promise<void> {
  const stop = await startSwapper(path)
  try {
    await run()
  } finally {
    await stop()
  }
}

describe('a race with a local process', () => {
  const attack = attacksOn({ policies: { 'mcp/plans/data.yaml': PLANS } })

  const readWhileSwapped = (scene: Scene, name: string, path: string) =>
    whileSwapped(join(scene.server.workspace, name), async () => {
      const isInside = (answer: Readable) => isDeepStrictEqual(answer, contentOf('inside'))
      expect(await callUntil(WANTED, () => scene.call('readFile', { path }), isInside)).toEqual([])
    })

  attack('A-032', async (scene) => {
    const { workspace, outside } = scene.server
    mkdirSync(join(workspace, 'public/swap.real'))
    writeFileSync(join(workspace, 'public/swap.real/secret.txt'), 'inside')
    symlinkSync(outside, join(workspace, 'public/swap.link'))
    await readWhileSwapped(scene, 'public/swap', 'public/swap/secret.txt')
  })

  attack('A-034', async (scene) => {
    const { workspace, outside } = scene.server
    writeFileSync(join(workspace, 'public/f.real'), 'inside')
    symlinkSync(join(outside, 'secret.txt'), join(workspace, 'public/f.link'))
    await readWhileSwapped(scene, 'public/f', 'public/f')
  })

  attack(
    'A-033',
    async (scene) => {
      const { workspace, outside } = scene.server
      mkdirSync(join(workspace, 'public/wswap.real'))
      writeFileSync(join(outside, 'w.txt'), 'outside')
      symlinkSync(outside, join(workspace, 'public/wswap.link'))
      await whileSwapped(join(workspace, 'public/wswap'), async () => {
        const args = { path: 'public/wswap/w.txt', content: 'inside', overwrite: true }
        const isWritten = ({ body }: Readable) => JSON.stringify(body).includes('"structuredContent":{"bytes":6')
        expect(await callUntil(20, () => scene.call('writeFile', args), isWritten)).toEqual([])
      })
      expect(readdirSync(outside).sort()).toEqual(['secret.txt', 'w.txt'])
      expect(readFileSync(join(outside, 'w.txt'), 'utf8')).toBe('outside')
      expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe(CANARY)
    },
    { roles: ['user'] },
  )
})
