import type { Result } from '../../lib/result.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPolicy, type Policy } from '../../pdp/engine.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'

type Made = Result<Policy, readonly PolicyFault[]>

/** The compiled policy, some of the documents below data.mcp being others. */
export type PolicyOn = (data: JsonObject | undefined) => Promise<Made>

/** One policy for each data that cases name. */
export function createPolicies(bundle: LoadedBundle): { readonly on: PolicyOn; readonly close: () => Promise<void> } {
  const made = new Map<string, Promise<Made>>()

  function on(data: JsonObject = {}): Promise<Made> {
    const key = JSON.stringify(data)
    const before = made.get(key)
    if (before !== undefined) return before
    const mcp = { ...(bundle.data['mcp'] as JsonObject | undefined), ...data }
    // Each case stands by itself: what one breaks must not count against the next.
    const policy = createPolicy({ ...bundle, data: { ...bundle.data, mcp } }, { now: createLongMinutes() })
    made.set(key, policy)
    return policy
  }

  return {
    on,
    close: async () => {
      for (const policy of await Promise.all(made.values())) if (policy.ok) policy.value.close()
    },
  }
}

/** A clock by which no two evaluations fall into one minute. */
function createLongMinutes(): () => number {
  let minutes = 0
  return () => 60_001 * minutes++
}
