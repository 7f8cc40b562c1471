import type { FollowingRollout } from '../../pap/activation/rollout.ts'
import type { Pdp } from '../../pdp/active.ts'
import type { Ports, SharedPorts } from '../../pep/ports.ts'

/** Runs one request with ports that ask, however often, the one policy that was in force when it first asked. */
export type InOnePolicy = <T>(run: (ports: Ports) => Promise<T>) => Promise<T>

export const createInOnePolicy =
  (ports: SharedPorts, pdp: Pdp, rollout: Pick<FollowingRollout, 'isExpired'>): InOnePolicy =>
  async (run) => {
    const lease = pdp.lease()
    const decide: Ports['decide'] = (input) => {
      const { decide, bundle, mask } = lease.policy()
      return { decided: rollout.isExpired() ? EXPIRED : decide(input), bundle, mask }
    }
    return run({ ...ports, decide }).finally(lease.end)
  }

const EXPIRED = {
  effect: 'indeterminate',
  code: 'no_decision',
  cause: 'the policy source has not confirmed this policy for longer than policy.max_age_seconds',
} as const
