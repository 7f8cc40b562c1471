import { ok, type Result } from '../../lib/result.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { type LoadDeps, loadBundle, type PolicySource, packedPolicy } from '../activation/load.ts'
import { readBundle } from '../bundle/read.ts'
import { bundleSources, type Sources, treeSources } from './sources.ts'

/** A policy that can be asked, and what it was made of. */
export type OpenedPolicy = {
  readonly policy: Policy
  readonly data: JsonObject
  /** Absent: a bundle without Rego in it. */
  readonly sources: Sources | undefined
  readonly close: () => Promise<void>
}

/** As `loadPolicy`, with its data and its source. */
export async function openPolicy(
  source: PolicySource,
  deps: LoadDeps,
): Promise<Result<OpenedPolicy, readonly PolicyFault[]>> {
  const packed = await packedPolicy(source, deps)
  if (!packed.ok) return packed
  const bundle = await readBundle(packed.value)
  if (!bundle.ok) return bundle
  const policy = await loadBundle(bundle.value, deps)
  if (!policy.ok) return policy
  const sources = 'dir' in source ? treeSources(source.dir) : await bundleSources(packed.value)
  const close = async () => {
    policy.value.close()
    await sources?.close()
  }
  return ok({ policy: policy.value, data: bundle.value.data, sources, close })
}
