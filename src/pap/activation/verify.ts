import { err, ok, type Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { BundleIdentity } from '../../model/rollout.ts'
import type { Policy } from '../../pdp/engine.ts'
import { type ReadOptions, readBundle } from '../bundle/read.ts'
import { type LoadDeps, loadBundle } from './load.ts'
import { TRIAL_MS } from './trial.ts'

/** A bundle that passed every check, and the policy that it makes. */
export type Verified = {
  readonly bundle: BundleIdentity
  readonly packed: Uint8Array
  readonly policy: Policy
}

/** Everything that must hold before a bundle may decide, its place in the order of releases aside. */
export type Verify = (packed: Uint8Array) => Promise<Result<Verified, readonly PolicyFault[]>>

type VerifyOptions = ReadOptions & Pick<LoadDeps, 'now' | 'budgetMs'>

/** Whatever is wrong with a bundle is a fault, also what nobody foresaw: the server goes on with what it has. */
export const createVerify =
  (options: VerifyOptions): Verify =>
  (packed) =>
    verify(packed, options).catch((thrown: unknown) =>
      err([{ message: `the bundle cannot be verified: ${thrownText(thrown)}`, remedy: 'Build the bundle again' }]),
    )

const verify = async (packed: Uint8Array, options: VerifyOptions): ReturnType<Verify> => {
  const bundle = await readBundle(packed, options)
  if (!bundle.ok) return bundle
  const policy = await loadBundle(bundle.value, { trialMs: TRIAL_MS, ...options })
  if (!policy.ok) return policy
  const { revision, sha256, version } = bundle.value
  const identity = { revision, sha256, ...(version !== undefined && { version }) }
  return ok({ bundle: identity, packed, policy: policy.value })
}
