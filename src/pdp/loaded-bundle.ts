import type { JsonObject } from '../model/json.ts'

/** A question that is packed in a bundle, and as much of its decision as matters. */
export type SmokeCase = {
  readonly note: string
  readonly input: JsonObject
  /** Members of a decision; of reasons their `codes` and of limits their names, in any order. */
  readonly want: JsonObject
}

/** What an entrypoint can depend on, as paths below `input`. `[]` is the whole input. */
export type InputReads = {
  /** Places whose value, or any part of it, may be looked at. */
  readonly values: readonly (readonly string[])[]
  /** Places of which only the type is asked, as in `is_string(input.a)`. */
  readonly types: readonly (readonly string[])[]
}

/** A bundle, read and verified: what the engine needs of it. */
export type LoadedBundle = {
  readonly revision: string
  /** Of the bundle's file. */
  readonly sha256: string
  /** `metadata.version` of the manifest: its place in the order of releases. */
  readonly version?: number
  /** Paths of the documents that are the bundle's own. */
  readonly roots: readonly string[]
  /** Those that the manifest names for `policy.wasm`. */
  readonly entrypoints: readonly string[]
  /** `metadata.reads` of the manifest, as `portcullis build` finds it in the rules; unknown of other bundles. */
  readonly reads?: InputReads
  /** `metadata.mask_reads`, the same of `mcp/log/mask`, whose input is a record. */
  readonly maskReads?: InputReads
  /** Asked before the policy is put in force. */
  readonly smoke?: readonly SmokeCase[]
  readonly wasm: Uint8Array
  readonly data: JsonObject
}
