import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { writeArchive } from '../../../../src/pap/bundle/archive.ts'
import { bundleSources, readLabels, readLines } from '../../../../src/pap/explain/sources.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('the sources in a bundle', () => {
  test('are its Rego and data, in a folder that goes when they are closed', async () => {
    const sources = await bundleSources(
      writeArchive(
        new Map([
          ['.manifest', bytes('{}')],
          ['data.json', bytes('{"a":1}')],
          ['mcp/x/x.rego', bytes('package mcp.x')],
          ['policy.wasm', bytes('wasm')],
        ]),
      ),
    )
    const root = sources?.root ?? ''
    expect({
      whole: sources?.whole,
      rego: readFileSync(join(root, 'mcp/x/x.rego'), 'utf8'),
      data: readFileSync(join(root, 'data.json'), 'utf8'),
      others: ['.manifest', 'policy.wasm'].filter((file) => existsSync(join(root, file))),
    }).toEqual({ whole: false, rego: 'package mcp.x', data: '{"a":1}', others: [] })
    await sources?.close()
    expect(existsSync(root)).toBe(false)
  })

  test('are none where someone took them out', async () => {
    const packed = writeArchive(new Map([['policy.wasm', bytes('wasm')]]))
    expect(await bundleSources(packed)).toBeUndefined()
  })
})

test('a line that is not there is empty', async () => {
  const tree = writeTree({ 'a.rego': 'package a\n\n  x := 1\n' })
  const lineOf = await readLines(tree.dir, ['a.rego', 'b.rego'])
  tree.remove()
  const places = [
    { file: 'a.rego', line: 3 },
    { file: 'a.rego', line: 9 },
    { file: 'b.rego', line: 1 },
    { file: 'c.rego', line: 1 },
  ]
  expect(places.map(lineOf)).toEqual(['x := 1', '', '', ''])
})

test('labels are those of packages and of single rules', async () => {
  const tree = writeTree({
    'a.rego': `# METADATA
# title: The package
# custom:
#   code: a.package
package a

# METADATA
# title: The rule
x contains 1
`,
  })
  const labels = await readLabels(await findOpa(), tree.dir)
  tree.remove()
  expect([...labels]).toEqual([
    ['data.a', { title: 'The package', code: 'a.package' }],
    ['data.a.x', { title: 'The rule' }],
  ])
})
