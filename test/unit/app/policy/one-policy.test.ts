import { expect, test } from '@jest/globals'
import { createInOnePolicy } from '../../../../src/app/policy/one-policy.ts'
import { ok } from '../../../../src/lib/result.ts'
import { createPdp } from '../../../../src/pdp/active.ts'
import type { Policy } from '../../../../src/pdp/engine.ts'
import { callWith } from '../../pdp/inputs.ts'
import { DENY, PERMIT, world } from '../../pep/world.ts'

function policyOf(revision: string, decided: typeof PERMIT): Policy & { closed: number } {
  const policy = {
    closed: 0,
    bundle: { revision, sha256: revision },
    decide: () => decided,
    mask: () => ok('absent' as const),
    evaluate: () => ok(undefined),
    health: () => ({ ready: true, restarts: 0, indeterminate: 0 }),
    close: () => {
      policy.closed++
    },
  }
  return policy
}

test('one request is answered by one policy, which is not closed before its end', async () => {
  const [first, second] = [policyOf('1', PERMIT), policyOf('2', DENY)]
  const pdp = createPdp(first)
  const inOnePolicy = createInOnePolicy(world(), pdp, { isExpired: () => false })
  const said = await inOnePolicy(async ({ decide }) => {
    const before = decide(callWith({}))
    pdp.swap(second)
    const after = decide(callWith({}))
    return [before, after].map(({ decided, bundle }) => [decided.effect, bundle.revision, first.closed])
  })
  expect(said).toEqual([
    ['permit', '1', 0],
    ['permit', '1', 0],
  ])
  expect(first.closed).toBe(1)
  expect(await inOnePolicy(async ({ decide }) => decide(callWith({})).bundle.revision)).toBe('2')
})

test('a request that breaks lets its policy go', async () => {
  const first = policyOf('1', PERMIT)
  const pdp = createPdp(first)
  const inOnePolicy = createInOnePolicy(world(), pdp, { isExpired: () => false })
  const broken = inOnePolicy(async ({ decide }) => {
    decide(callWith({}))
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  pdp.swap(policyOf('2', DENY))
  expect(first.closed).toBe(1)
})

test('what has expired decides nothing', async () => {
  const inOnePolicy = createInOnePolicy(world(), createPdp(policyOf('1', PERMIT)), { isExpired: () => true })
  expect(await inOnePolicy(async ({ decide }) => decide(callWith({})).decided)).toEqual({
    effect: 'indeterminate',
    code: 'no_decision',
    cause: 'the policy source has not confirmed this policy for longer than policy.max_age_seconds',
  })
})
