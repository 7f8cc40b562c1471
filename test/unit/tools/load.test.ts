import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadModules } from '../../../src/tools/load.ts'

// What defineTool answers, as far as the loader looks.
const tool = (name: string) =>
  `Object.defineProperty({ name: '${name}' }, Symbol.for('portcullis.tool'), { value: true })`

describe('loadModules', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'load-'))
    const modules = {
      'one.mjs': `export const first = ${tool('first')}; export { first as alias }; export const other = 1`,
      'two.mjs': `export default ${tool('second')}; export const third = ${tool('third')}`,
      'again.mjs': `export const first = ${tool('first')}`,
      'shadow.mjs': `export const readFile = ${tool('readFile')}`,
      'none.mjs': 'export const name = "first"',
      'broken.mjs': 'throw new Error("no database")',
    }
    for (const [name, text] of Object.entries(modules)) await writeFile(join(directory, name), text)
  })
  afterEach(async () => rm(directory, { recursive: true, force: true }))

  const load = async (...paths: readonly string[]) => {
    const loaded = await loadModules(paths, directory)
    return loaded.ok ? loaded.value.tools.map(({ name }) => name) : loaded.error
  }

  test('takes every tool once, from relative and absolute paths', async () => {
    expect(await load('./one.mjs', join(directory, 'two.mjs'))).toEqual(['first', 'second', 'third'])
    expect(await load()).toEqual([])
  })

  test('reports every fault at once, with the file', async () => {
    const at = (name: string, fault: string) => `${join(directory, name)}: ${fault}`
    expect(await load('none.mjs', 'broken.mjs', 'one.mjs', 'again.mjs', 'shadow.mjs')).toEqual([
      at('none.mjs', 'exports no tool, prompt or resource; export what defineTool and its like return'),
      at('broken.mjs', 'cannot be imported: Error: no database'),
      at('again.mjs', `a tool named first comes from ${join(directory, 'one.mjs')} already; rename one`),
      at('shadow.mjs', 'a tool named readFile comes from the built-in tools already; rename one'),
    ])
  })

  test('a module that is not there', async () => {
    const [fault, ...others] = await load('missing.mjs')
    expect(others).toEqual([])
    expect(fault).toContain(`${join(directory, 'missing.mjs')}: cannot be imported: `)
  })
})
