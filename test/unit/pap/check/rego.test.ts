import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { checkFaults, formatFaults } from '../../../../src/pap/check/rego.ts'
import { findOpa, root, writeTree } from '../../../policy/tools.ts'

const GOOD = 'package mcp.a\n\nbig if input.n > 1\n\nsmall if input.n < 1\n'
const schemas = `${root}scripts/policy/schemas`
const capabilities = `${root}scripts/policy/capabilities.test.json`

let opa: string
const removals: (() => void)[] = []
const placeOf = (files: Readonly<Record<string, string>>) => {
  const tree = writeTree(files)
  removals.push(tree.remove)
  return { policyDir: tree.dir, opa }
}

beforeAll(async () => {
  opa = await findOpa()
})
afterEach(() => {
  for (const remove of removals.splice(0)) remove()
})

describe('format', () => {
  test('names the files that differ', async () => {
    const place = placeOf({ 'a.rego': GOOD, 'b.rego': 'package mcp.b\nx := 1\n' })
    expect(await formatFaults(place)).toEqual([
      { file: 'b.rego', message: 'is not formatted', remedy: 'Run `opa fmt --write`' },
    ])
  })

  test('of a well formatted tree says nothing', async () => {
    expect(await formatFaults(placeOf({ 'a.rego': GOOD }))).toEqual([])
  })
})

describe('check', () => {
  test('names file, line and error', async () => {
    const place = placeOf({ 'a.rego': GOOD, 'b.rego': 'package mcp.b\n\nx if {\n\ty := 1\n}\n' })
    expect(await checkFaults({ ...place, capabilities, schemas })).toEqual([
      {
        file: 'b.rego',
        line: 4,
        message: 'rego_compile_error: assigned var y unused',
        remedy: 'Correct the rule, or the attribute it names',
      },
    ])
  })

  test('of a sound tree says nothing', async () => {
    expect(await checkFaults({ ...placeOf({ 'a.rego': GOOD }), capabilities, schemas })).toEqual([])
  })
})
