import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPolicy, type Policy } from '../../pdp/engine.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { packBundle } from '../bundle/build.ts'
import { readPackedFile } from '../bundle/packed-file.ts'
import { DEFAULT_MAX_BYTES, type ReadOptions, readBundle } from '../bundle/read.ts'
import { dataFaults } from '../check/data-faults.ts'
import { packedSmokeFaults } from './packed-smoke.ts'
import { measure, smokeFaults } from './smoke.ts'
import { TRIAL_MS, trialFault } from './trial.ts'

/** A policy tree, which is built first, or a bundle. */
export type PolicySource = { readonly dir: string } | { readonly file: string }

export type LoadDeps = ReadOptions & {
  /** Finds the `opa` command; asked only for a policy tree. */
  readonly opa: () => Promise<string>
  readonly capabilities: string
  /** Names of the tools that the catalogue knows. */
  readonly tools: readonly string[]
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Of the median smoke decision, in milliseconds. */
  readonly budgetMs?: number
  /** For what others made: how long a first try may take in a thread of its own, which can be ended. */
  readonly trialMs?: number
}

const DEFAULT_BUDGET_MS = 5
const MAX_FAULTS = 20

/** Brings a policy to where it can decide, or says everything that is against it. */
export async function loadPolicy(
  source: PolicySource,
  deps: LoadDeps,
): Promise<Result<Policy, readonly PolicyFault[]>> {
  const packed = await packedPolicy(source, deps)
  if (!packed.ok) return packed
  // What was built here, from files that are here, nobody signed.
  const bundle = await readBundle(packed.value, 'dir' in source ? {} : deps)
  if (!bundle.ok) return bundle
  return loadBundle(bundle.value, 'dir' in source ? deps : { trialMs: TRIAL_MS, ...deps })
}

/** As `loadPolicy`, of a bundle that was read already. */
export async function loadBundle(
  bundle: LoadedBundle,
  deps: Pick<LoadDeps, 'now' | 'budgetMs' | 'trialMs'>,
): Promise<Result<Policy, readonly PolicyFault[]>> {
  const inData = dataFaults(bundle.data)
  if (inData.length > 0) return err(firstOf(inData))
  const endless = deps.trialMs === undefined ? undefined : await trialFault(bundle, deps.trialMs)
  if (endless !== undefined) return err([endless])
  const policy = await createPolicy(bundle, { now: deps.now })
  if (!policy.ok) return policy
  const faults = [
    ...smokeFaults(policy.value),
    ...packedSmokeFaults(policy.value, bundle.smoke),
    ...budgetFaults(policy.value, deps),
  ]
  if (faults.length === 0) return policy
  policy.value.close()
  return err(firstOf(faults))
}

/** Someone is to read them, and a million roles can be a million faults. */
function firstOf(faults: readonly PolicyFault[]): readonly PolicyFault[] {
  const more = faults.length - MAX_FAULTS
  if (more <= 0) return faults
  return [...faults.slice(0, MAX_FAULTS), { message: `there are ${more} more faults`, remedy: 'Correct these first' }]
}

function budgetFaults(policy: Policy, deps: Pick<LoadDeps, 'now' | 'budgetMs'>): readonly PolicyFault[] {
  const budget = deps.budgetMs ?? DEFAULT_BUDGET_MS
  const { p50Ms } = measure(policy, deps.now)
  if (p50Ms <= budget) return []
  return [
    {
      message: `a decision takes ${p50Ms.toFixed(1)} ms at the median; ${budget} ms is the budget`,
      remedy: 'Look data up by key instead of iterating over it, and keep regex and glob out of rules for every call',
    },
  ]
}

/** The bundle of a policy: built of a tree, or read. */
export async function packedPolicy(
  source: PolicySource,
  deps: LoadDeps,
): Promise<Result<Uint8Array, readonly PolicyFault[]>> {
  const { capabilities, tools, maxBytes = DEFAULT_MAX_BYTES } = deps
  if ('file' in source) return readPackedFile(source.file, maxBytes)
  const packed = await packBundle({ policyDir: source.dir, opa: await deps.opa(), capabilities, tools })
  return packed.ok ? ok(packed.value.bytes) : packed
}
