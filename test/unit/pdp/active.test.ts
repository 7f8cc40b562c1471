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

const closed = (...policies: readonly Policy[]) =>
  policies.map(({ close }) => (close as jest.Mock<() => void>).mock.calls.length)

test('a swap puts the next policy in force, and closes one that nobody holds', () => {
  const [first, second] = [policyOf('1'), policyOf('2')]
  const pdp = createPdp(first)
  expect(pdp.current()).toBe(first)
  pdp.swap(second)
  expect(pdp.current()).toBe(second)
  expect(closed(first, second)).toEqual([1, 0])
})

test('a request keeps the policy that it first asked, and the last one to hold it closes it', () => {
  const [first, second, third] = [policyOf('1'), policyOf('2'), policyOf('3')]
  const pdp = createPdp(first)
  const [one, other] = [pdp.lease(), pdp.lease()]
  expect([one.policy(), other.policy()]).toEqual([first, first])
  pdp.swap(second)
  expect([one.policy(), pdp.lease().policy()]).toEqual([first, second])
  one.end()
  expect(closed(first, second)).toEqual([0, 0])
  other.end()
  expect(closed(first, second)).toEqual([1, 0])
  pdp.swap(third)
  expect(closed(first, second, third)).toEqual([1, 0, 0])
})

test('a request that has asked nothing yet is answered by what is in force when it does', () => {
  const [first, second] = [policyOf('1'), policyOf('2')]
  const pdp = createPdp(first)
  const [waiting, idle] = [pdp.lease(), pdp.lease()]
  pdp.swap(second)
  idle.end()
  expect(closed(first, second)).toEqual([1, 0])
  expect(waiting.policy()).toBe(second)
  waiting.end()
  expect(closed(first, second)).toEqual([1, 0])
})

test('whoever asked for it is told of a swap, after it', () => {
  const [first, second] = [policyOf('1'), policyOf('2')]
  const pdp = createPdp(first)
  const told: string[] = []
  pdp.onSwap(() => told.push(pdp.current().bundle.revision))
  pdp.swap(second)
  expect(told).toEqual(['2'])
})
