import { expect, jest, test } from '@jest/globals'
import { createPdp } from '../../../src/pdp/active.ts'
import type { Policy } from '../../../src/pdp/engine.ts'

function policyOf(revision: string): Policy {
  const unused = () => {
    throw new Error('not asked for')
  }
  const bundle = { revision, sha256: revision }
  return { bundle, decide: unused, mask: unused, evaluate: unused, health: unused, close: jest.fn<() => void>() }
}

test('a swap puts the next policy in force and closes the one before', () => {
  const [first, second] = [policyOf('1'), policyOf('2')]
  const pdp = createPdp(first)
  expect([pdp.current(), pdp.previousRevision()]).toEqual([first, undefined])
  pdp.swap(second)
  expect(pdp.current()).toBe(second)
  expect(pdp.previousRevision()).toBe('1')
  expect(first.close).toHaveBeenCalledTimes(1)
  expect(second.close).not.toHaveBeenCalled()
})
