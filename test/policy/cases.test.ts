import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { loadPolicy } from '../../src/pap/activation/load.ts'
import { type CaseResult, runCases } from '../../src/pap/test/case-run.ts'
import { type Case, readCases } from '../../src/pap/test/cases.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { capabilities, findOpa, root } from './tools.ts'

const folder = join(root, 'test/policy/cases')

function casesIn(file: string): readonly Case[] {
  const cases = readCases(readFileSync(join(folder, file), 'utf8'), file)
  if (!cases.ok) throw new Error(JSON.stringify(cases.error, undefined, 2))
  return cases.value
}

const cases = readdirSync(folder).toSorted().flatMap(casesIn)
const byPlace = new Map<string, CaseResult>()
const placeOf = ({ file, note }: { file: string; note: string }) => `${file}: ${note}`

beforeAll(async () => {
  const opa = await findOpa()
  const policyDir = join(root, 'policies')
  const tools = BUILTIN_TOOLS.map(({ name }) => name)
  const deps = { opa: async () => opa, capabilities, tools, now: () => performance.now(), budgetMs: 1_000 }
  const policy = await loadPolicy({ dir: policyDir }, deps)
  if (!policy.ok) throw new Error(JSON.stringify(policy.error, undefined, 2))
  const results = await runCases({ cases, policy: policy.value, policyDir, opa })
  policy.value.close()
  if (!results.ok) throw new Error(JSON.stringify(results.error, undefined, 2))
  for (const result of results.value) byPlace.set(placeOf(result), result)
}, 60_000)

describe('the default policy decides in WASM, as in opa eval,', () => {
  test.each(cases.map((one) => ({ place: placeOf(one) })))('$place', ({ place }) => {
    expect(byPlace.get(place)?.faults).toEqual([])
  })

  test('no two cases have one name', () => {
    expect(new Set(cases.map(placeOf)).size).toBe(cases.length)
  })
})
