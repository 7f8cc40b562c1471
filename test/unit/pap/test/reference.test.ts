import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '../../../../src/lib/result.ts'
import type { Decided } from '../../../../src/model/decision.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import type { CaseRun } from '../../../../src/pap/test/case-run.ts'
import { compareWithOpa } from '../../../../src/pap/test/reference.ts'
import { findOpa, writeTree } from '../../../policy/tools.ts'
import { SMALL_POLICY } from './small-policy.ts'

const DENY: Decided = { effect: 'deny', visible: false, reasons: [], scopes: [], limits: [], obligations: [] }
const PERMIT: Decided = { ...DENY, effect: 'permit', visible: true, reasons: [{ code: 'area.open', message: 'Open' }] }
const NONE: Decided = { effect: 'indeterminate', code: 'no_decision', cause: 'c' }

const runOf = (name: string, decided: Decided, input: unknown, data?: JsonObject): CaseRun => ({
  case: { file: 'f', line: 1, name, input, want: {}, ...(data && { data }) },
  decided,
  report: () => ok(undefined),
  faults: [],
})
const alice = { subject: { id: 'alice' } }
const shown = (effect: string, reasons: string, visible: boolean) =>
  `{"effect":"${effect}","limits":[],"obligations":[],"reasons":${reasons},"scopes":[],"visible":${visible}}`

let opa: string
let tree: ReturnType<typeof writeTree>
beforeAll(async () => {
  opa = await findOpa()
  tree = writeTree(SMALL_POLICY)
})
afterAll(() => tree.remove())

describe('opa eval', () => {
  test('decides every case that has a decision; a difference is a fault', async () => {
    const runs = [
      runOf('alike', PERMIT, alice),
      runOf('no decision', NONE, alice),
      runOf('no input', DENY, null),
      runOf('other data', PERMIT, { subject: { id: 'bob' } }, { roles: { open: 'bob' } }),
      runOf('differing', DENY, alice),
    ]
    const result = (name: string, ...faults: readonly string[]) => ({ file: 'f', line: 1, name, faults })
    expect(await compareWithOpa(runs, { policyDir: tree.dir, opa })).toEqual([
      result('alike'),
      result('no input'),
      result('other data'),
      result(
        'differing',
        `WASM decides ${shown('deny', '[]', false)}, opa eval ${shown('permit', '[{"code":"area.open","message":"Open"}]', true)}`,
      ),
    ])
  })

  test('that fails is one fault', async () => {
    const broken = writeTree({ 'a.rego': 'package a\n\nb if' })
    const compared = await compareWithOpa([runOf('n', PERMIT, alice)], { policyDir: broken.dir, opa })
    broken.remove()
    expect(compared.map(({ name, faults }) => [name, faults.length > 0])).toEqual([['opa eval', true]])
    expect(compared[0]?.faults[0]).toContain('a.rego:3')
  })

  test('is not asked without cases', async () => {
    expect(await compareWithOpa([], { policyDir: '/nowhere', opa: '/nowhere/opa' })).toEqual([])
  })
})
