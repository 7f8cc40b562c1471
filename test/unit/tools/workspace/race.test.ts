import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { openBelow } from './descriptors.ts'
import { CANARY, createFixture, type Fixture, readText } from './fixture.ts'

// Flips a name between what is inside and a link to what is outside, as fast as another process can.
const SWAPPER = `
const { renameSync } = require('node:fs')
const [name, real, link] = process.argv.slice(1)
process.stdout.write('ready')
for (;;) {
  renameSync(real, name); renameSync(name, real)
  renameSync(link, name); renameSync(name, link)
}`

const MAX_ATTEMPTS = 2_000_000
// Bounded by counts; the time that takes depends on the machine and its disk.
jest.setTimeout(120_000)

describe('a race with a local process', () => {
  let fixture: Fixture
  let swapper: ChildProcess
  beforeEach(async () => {
    fixture = await createFixture()
  })
  afterEach(async () => {
    const closed = once(swapper, 'close')
    swapper.kill('SIGKILL')
    await closed
    await fixture.remove()
    expect(openBelow(dirname(fixture.inside))).toEqual([])
  })

  const startSwapper = async (name: string) => {
    const paths = [name, `${name}.real`, `${name}.link`].map((path) => join(fixture.inside, path))
    swapper = spawn(process.execPath, ['-e', SWAPPER, ...paths], { stdio: ['ignore', 'pipe', 'inherit'] })
    if (swapper.stdout !== null) await once(swapper.stdout, 'data')
  }

  /** Attempts until `wanted` succeeded; answers every content seen and how often a link was refused. */
  const readRepeatedly = async (path: string, wanted: number) => {
    const seen = new Set<unknown>()
    let confined = 0
    for (let attempts = 0, read = 0; read < wanted && attempts < MAX_ATTEMPTS; attempts++) {
      const answer = await readText(fixture.everything, path)
      if (typeof answer === 'string') {
        seen.add(answer)
        read += 1
      } else if (JSON.stringify(answer).includes('"confined":true')) confined += 1
    }
    return { seen: [...seen], confined }
  }

  test('20 000 reads through a directory that is swapped for a link read nothing outside (A-032)', async () => {
    await fixture.put('swap.real/secret.txt', 'inside')
    await symlink(fixture.outside, join(fixture.inside, 'swap.link'))
    await startSwapper('swap')
    const { seen, confined } = await readRepeatedly('swap/secret.txt', 20_000)
    expect(seen).toEqual(['inside'])
    expect(confined).toBeGreaterThan(0)
  })

  test('20 000 reads of a file that is swapped for a link read nothing outside (A-034)', async () => {
    await fixture.put('f.real', 'inside')
    await symlink(join(fixture.outside, 'secret.txt'), join(fixture.inside, 'f.link'))
    await startSwapper('f')
    const { seen, confined } = await readRepeatedly('f', 20_000)
    expect(seen).toEqual(['inside'])
    expect(confined).toBeGreaterThan(0)
  })

  test('200 writes through a directory that is swapped for a link write nothing outside (A-033)', async () => {
    await mkdir(join(fixture.inside, 'swap.real'))
    await writeFile(join(fixture.outside, 'w.txt'), 'outside')
    await symlink(fixture.outside, join(fixture.inside, 'swap.link'))
    await startSwapper('swap')
    let confined = 0
    let written = 0
    for (let attempts = 0; written < 200 && attempts < MAX_ATTEMPTS; attempts++) {
      const answer = await fixture.everything.write('swap/w.txt', Buffer.from('x'), { overwrite: true })
      if (answer.ok) written += 1
      else if (answer.error.confined) confined += 1
    }
    expect(written).toBe(200)
    expect(confined).toBeGreaterThan(0)
    expect((await readdir(fixture.outside)).sort()).toEqual(['secret.txt', 'w.txt'])
    expect(await readFile(join(fixture.outside, 'w.txt'), 'utf8')).toBe('outside')
    expect(await readFile(join(fixture.outside, 'secret.txt'), 'utf8')).toBe(CANARY)
  })
})
