import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import { isObject, type JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { DECISION, MASK } from '../../pdp/entrypoints.ts'
import type { Module } from '../rego/module.ts'
import { opaFaults } from '../rego/opa-errors.ts'
import { decisionReads, maskReads } from '../rego/reads.ts'
import type { PolicyTree } from '../rego/tree.ts'
import { readArchive } from './archive.ts'
import { type BundleFiles, MANIFEST, readObject } from './documents.ts'
import { gunzipOne } from './gzip.ts'
import { entrypointsOf, runOpaBuild } from './opa-build.ts'

export type CompileOptions = {
  readonly opa: string
  readonly capabilities: string
  readonly revision: string
  readonly version?: number
  /** For what OPA writes. */
  readonly folder: string
}

const NO_DECISION: PolicyFault = {
  message: `no rule is ${DECISION}, so nothing could be decided`,
  remedy: 'Define the rule `decision` in package mcp.main',
}
const MAX_UNPACKED = 1024 * 1024 * 1024

/** The files of a bundle: module, data and manifest as OPA makes them, and the rules as they were written. */
export async function compileTree(
  tree: PolicyTree,
  modules: readonly Module[],
  options: CompileOptions,
): Promise<Result<BundleFiles, readonly PolicyFault[]>> {
  const entrypoints = entrypointsOf(modules)
  if (!entrypoints.includes(DECISION)) return err([NO_DECISION])
  const out = join(options.folder, 'bundle.tar.gz')
  const run = await runOpaBuild(tree.root, { ...options, out, entrypoints })
  if (run.code !== 0) return err(opaFaults(run, 'Correct the policy; `portcullis check` shows the same'))
  const unpacked = await gunzipOne(await readFile(out), MAX_UNPACKED)
  const files = unpacked.ok ? readArchive(unpacked.value) : unpacked
  if (!files.ok) return err([{ message: `what opa built ${files.error}`, remedy: 'Build with OPA 1.22' }])
  const reads = {
    reads: decisionReads(modules),
    ...(entrypoints.includes(MASK) && { mask_reads: maskReads(modules) }),
  }
  const manifest = completed(files.value, { entrypoints, ...reads }, options.version)
  if (!manifest.ok) return err([{ file: MANIFEST, message: manifest.error, remedy: 'Correct the manifest' }])
  const made = [...files.value].filter(([path]) => path !== MANIFEST && !path.endsWith('.rego'))
  const rules = tree.modules.map(async (path) => [path, await readFile(join(tree.root, path))] as const)
  return ok(new Map<string, Uint8Array>([...made, [MANIFEST, manifest.value], ...(await Promise.all(rules))]))
}

/**
 * OPA takes the module's entrypoints out of the rules and names them in the manifest, and then cannot answer
 * for them where it was built without a WASM engine. With whole rules and no such names every `opa` can.
 */
function completed(files: BundleFiles, found: JsonObject, version: number | undefined): Result<Uint8Array, string> {
  const bytes = files.get(MANIFEST)
  const manifest: Result<JsonObject, string> = bytes === undefined ? ok({}) : readObject(MANIFEST, bytes)
  if (!manifest.ok) return manifest
  const { wasm: _wasm, metadata, ...rest } = manifest.value
  const known = isObject(metadata) ? metadata : {}
  const said = { ...known, ...found, ...(version !== undefined && { version }) }
  return ok(new TextEncoder().encode(JSON.stringify({ ...rest, metadata: said })))
}
