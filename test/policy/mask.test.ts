import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import type { Json, JsonObject } from '../../src/model/json.ts'
import { packBundle } from '../../src/pap/bundle/build.ts'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { createCaseReader } from '../../src/pap/test/case-files.ts'
import { createPolicy, type Policy } from '../../src/pdp/engine.ts'
import type { LoadedBundle } from '../../src/pdp/loaded-bundle.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { capabilities, findOpa, root } from './tools.ts'

let bundle: LoadedBundle

async function open(loaded: LoadedBundle): Promise<Policy> {
  const policy = await createPolicy(loaded, { now: () => 0 })
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  return policy.value
}

beforeAll(async () => {
  const tools = BUILTIN_TOOLS.map(({ name }) => name)
  const packed = await packBundle({ policyDir: join(root, 'policies'), opa: await findOpa(), capabilities, tools })
  const read = packed.ok ? await readBundle(packed.value.bytes) : packed
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  bundle = read.value
})

test('the mask looks at three places of a record', () => {
  expect(bundle.maskReads).toEqual({
    values: [['input', 'resource', 'type']],
    types: [
      ['input', 'resource', 'properties', 'arguments'],
      ['input', 'subject', 'properties', 'claims'],
    ],
  })
})

test('the mask of a record is that of what it reads of it, for every case', async () => {
  const { maskReads: _, ...unknown } = bundle
  const [reading, asked] = [await open(bundle), await open(unknown)]
  const cases = await createCaseReader({ casesDir: join(root, 'test/policy/cases'), root }).read()
  const records = cases.ok
    ? cases.value.map(
        ({ input }): JsonObject => ({ kind: 'decision', input: input as Json, result: { effect: 'deny' } }),
      )
    : []
  expect(records.length).toBeGreaterThan(400)
  for (const record of records) expect(reading.mask(record)).toEqual(asked.mask(record))
  reading.close()
  asked.close()
})
