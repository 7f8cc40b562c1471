import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { PolicyFault } from '../../../../src/model/policy-fault.ts'
import { located, type Module, parseModules } from '../../../../src/pap/rego/module.ts'
import { type PolicyTree, readPolicyTree } from '../../../../src/pap/rego/tree.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'

let opa: string
let files: ReturnType<typeof writeTree>
let tree: PolicyTree
beforeAll(async () => {
  opa = await findOpa()
  files = writeTree({
    'b/b.rego': '# a line\npackage mcp.b\n\nimport data.mcp.a as first\n\nx := first.y\n',
    'a/a.rego': 'package mcp.a\n\ny if input.z\n',
    'a/a_test.rego': 'package mcp.a_test\n\ntest_y if true\n',
  })
  tree = await readPolicyTree(files.dir)
})
afterAll(() => files.remove())

const shapeOf = ({ file, package: path, packageLine, imports, rules }: Module) => ({
  file,
  path,
  packageLine,
  imports: [...imports],
  rules: rules.map(({ head }) => [String(head.ref[0]?.value), head.location?.row]),
})

describe('the modules of a tree', () => {
  test('are parsed together, without tests and without lines', async () => {
    const parsed = await parseModules(opa, tree)
    expect(parsed.ok && parsed.value.map(shapeOf)).toEqual([
      { file: 'a/a.rego', path: ['mcp', 'a'], packageLine: 1, imports: [], rules: [['y', undefined]] },
      {
        file: 'b/b.rego',
        path: ['mcp', 'b'],
        packageLine: 1,
        imports: [['first', ['data', 'mcp', 'a']]],
        rules: [['x', undefined]],
      },
    ])
  })

  test('get lines where something is said of them', async () => {
    const parsed = await parseModules(opa, tree)
    const seen: unknown[] = []
    const find = (modules: readonly Module[]): readonly PolicyFault[] => {
      seen.push(modules.map(shapeOf).map(({ rules }) => rules[0]))
      return modules
        .filter(({ file }) => file === 'b/b.rego')
        .map(({ file, packageLine }) => ({ file, line: packageLine, message: 'm', remedy: 'r' }))
    }
    expect(await located(opa, tree, parsed.ok ? parsed.value : [], find)).toEqual([
      { file: 'b/b.rego', line: 2, message: 'm', remedy: 'r' },
    ])
    expect(seen).toEqual([
      [
        ['y', undefined],
        ['x', undefined],
      ],
      [
        ['y', undefined],
        ['x', 6],
      ],
    ])
  })

  test('where nothing is said, OPA is not asked again', async () => {
    const parsed = await parseModules(opa, tree)
    expect(await located('/no/such/command', tree, parsed.ok ? parsed.value : [], () => [])).toEqual([])
  })

  test('that are broken are all named, by file and line', async () => {
    const broken = writeTree({
      'a.rego': 'package mcp.a\n\nx := := 1\n',
      'b.rego': 'package mcp.b\n\ny := 1\n',
      'c.rego': 'x := 1\n',
    })
    const parsed = await parseModules(opa, await readPolicyTree(broken.dir))
    broken.remove()
    const places = parsed.ok ? [] : parsed.error.map(({ file, line }) => `${file}:${line}`)
    expect([...new Set(places)].toSorted()).toEqual(['a.rego:3', 'c.rego:1'])
  })
})
