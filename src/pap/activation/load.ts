import { readFile } from 'node:fs/promises'
import { err, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPolicy, type Policy } from '../../pdp/engine.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { thrownText } from '../../pdp/sdk.ts'
import { packBundle } from '../bundle/build.ts'
import { readBundle } from '../bundle/read.ts'
import { dataFaults } from '../check/data-faults.ts'
import { measure, smokeFaults } from './smoke.ts'

/** A policy tree, which is built first, or a bundle. */
export type PolicySource = { readonly dir: string } | { readonly file: string }

export type LoadDeps = {
  /** Finds the `opa` command; asked only for a policy tree. */
  readonly opa: () => Promise<string>
  readonly capabilities: string
  /** Names of the tools that the catalogue knows. */
  readonly tools: readonly string[]
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Of the median smoke decision, in milliseconds. */
  readonly budgetMs?: number
}

const DEFAULT_BUDGET_MS = 5

/** Brings a policy to where it can decide, or says everything that is against it. */
export async function loadPolicy(
  source: PolicySource,
  deps: LoadDeps,
): Promise<Result<Policy, readonly PolicyFault[]>> {
  const packed = 'dir' in source ? await packTree(source.dir, deps) : await readPacked(source.file)
  if (!packed.ok) return packed
  const bundle = readBundle(packed.value)
  return bundle.ok ? loadBundle(bundle.value, deps) : bundle
}

/** As `loadPolicy`, of a bundle that was read already. */
export async function loadBundle(
  bundle: LoadedBundle,
  deps: Pick<LoadDeps, 'now' | 'budgetMs'>,
): Promise<Result<Policy, readonly PolicyFault[]>> {
  const inData = dataFaults(bundle.data)
  if (inData.length > 0) return err(inData)
  const policy = await createPolicy(bundle, { now: deps.now })
  if (!policy.ok) return policy
  const faults = [...smokeFaults(policy.value), ...budgetFaults(policy.value, deps)]
  if (faults.length === 0) return policy
  policy.value.close()
  return err(faults)
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

async function packTree(policyDir: string, deps: LoadDeps): Promise<Result<Uint8Array, readonly PolicyFault[]>> {
  const { capabilities, tools } = deps
  const packed = await packBundle({ policyDir, opa: await deps.opa(), capabilities, tools })
  return packed.ok ? { ok: true, value: packed.value.bytes } : packed
}

async function readPacked(file: string): Promise<Result<Uint8Array, readonly PolicyFault[]>> {
  try {
    return { ok: true, value: await readFile(file) }
  } catch (thrown) {
    const message = thrownText(thrown)
    return err([{ message, remedy: 'Name a bundle made by `portcullis build`' }])
  }
}
