import { ok, type Result } from '../../lib/result.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { type LoadDeps, loadBundle, type PolicySource } from '../activation/load.ts'
import { packBundle } from '../bundle/build.ts'
import { readPackedFile } from '../bundle/packed-file.ts'
import { DEFAULT_MAX_BYTES, readBundle } from '../bundle/read.ts'
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
  const packed = 'dir' in source ? await pack(source.dir, deps) : await readPackedFile(source.file, DEFAULT_MAX_BYTES)
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

async function pack(
  policyDir: string,
  { opa, capabilities, tools }: LoadDeps,
): Promise<Result<Uint8Array, readonly PolicyFault[]>> {
  const packed = await packBundle({ policyDir, opa: await opa(), capabilities, tools })
  return packed.ok ? ok(packed.value.bytes) : packed
}
