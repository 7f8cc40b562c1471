import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import type { SmokeCase } from '../../pdp/loaded-bundle.ts'
import { SMOKE } from '../bundle/documents.ts'
import type { Want } from '../test/case-format.ts'
import { wantFaults } from '../test/want.ts'

/** The cases that a bundle brings, asked of its own policy. */
export function packedSmokeFaults(policy: Policy, cases: readonly SmokeCase[] = []): readonly PolicyFault[] {
  return cases.flatMap((one) =>
    faultsOf(policy, one).map((fault) => ({
      file: SMOKE,
      message: `case "${one.note}": ${fault}`,
      remedy: 'Correct the policy, or the case if that is what changed, and build the bundle again',
    })),
  )
}

function faultsOf(policy: Policy, { input, want }: SmokeCase): readonly string[] {
  const decided = policy.decide(input as unknown as PolicyInput)
  if (decided.effect === 'indeterminate') return [`no decision: ${decided.cause}`]
  return wantFaults(want as Want, decided, () => {
    throw new Error('a packed case wants nothing of records')
  })
}
