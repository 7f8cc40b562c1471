import { existsSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeTree } from '../../policy/tools.ts'

type Locking = { readonly createLock: (file: string) => (work: () => void) => Promise<void> }
const script: string = new URL('../../../scripts/lock.js', import.meta.url).href
const { createLock }: Locking = await import(script)

let file: string
let remove: () => void
beforeEach(() => {
  const tree = writeTree({})
  file = join(tree.dir, 'folder', 'lock')
  remove = tree.remove
})
afterEach(() => remove())

describe('a lock', () => {
  test('is held while the work runs, and not after', async () => {
    const held: boolean[] = []
    await createLock(file)(() => void held.push(existsSync(file)))
    expect([...held, existsSync(file)]).toEqual([true, false])
  })

  test('is given back when the work throws', async () => {
    const broken = createLock(file)(() => {
      throw new Error('broken')
    })
    await expect(broken).rejects.toThrow('broken')
    expect(existsSync(file)).toBe(false)
  })

  const leftBehind = [
    { name: 'a process that is gone', text: '2147483646', age: 0 },
    { name: 'a process that died before it wrote its id', text: '', age: 60 },
  ]
  test.each(leftBehind)('of $name is taken over', async ({ text, age }) => {
    const lock = createLock(file)
    await lock(() => undefined)
    writeFileSync(file, text)
    const then = Date.now() / 1000 - age
    utimesSync(file, then, then)
    let ran = false
    await lock(() => {
      ran = true
    })
    expect(ran).toBe(true)
  })
})
