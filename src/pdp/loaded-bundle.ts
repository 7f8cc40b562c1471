import type { JsonObject } from '../model/json.ts'

/** A bundle, read and verified: what the engine needs of it. */
export type LoadedBundle = {
  readonly revision: string
  /** Of the bundle's file. */
  readonly sha256: string
  readonly wasm: Uint8Array
  readonly data: JsonObject
}
