import { gunzipSync } from 'node:zlib'
import { parse as parseYaml } from 'yaml'
import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../../lib/strict-json.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { thrownText } from '../../pdp/sdk.ts'
import { readArchive } from './archive.ts'

const MAX_PACKED = 64 * 1024 * 1024
const MAX_UNPACKED = 512 * 1024 * 1024

/** Reads a bundle in OPA's format: a gzipped tar with `.manifest`, data and `policy.wasm`. */
export function readBundle(packed: Uint8Array): Result<LoadedBundle, readonly PolicyFault[]> {
  if (packed.byteLength > MAX_PACKED) return refused(undefined, `is larger than ${MAX_PACKED} bytes`)
  let unpacked: Uint8Array
  try {
    unpacked = gunzipSync(packed, { maxOutputLength: MAX_UNPACKED })
  } catch {
    return refused(undefined, `is no gzip archive, or one larger than ${MAX_UNPACKED} bytes`)
  }
  const files = readArchive(unpacked)
  if (!files.ok) return refused(undefined, files.error)
  const wasm = files.value.get('policy.wasm')
  if (wasm === undefined) return refused('policy.wasm', 'is missing: the bundle was not built for WASM')
  const manifest = documentIn(files.value, '.manifest')
  if (!manifest.ok) return manifest
  const data = dataIn(files.value)
  if (!data.ok) return data
  const digest = sha256(packed)
  const { revision } = manifest.value
  const named = typeof revision === 'string' && revision !== ''
  return ok({ revision: named ? revision : digest.slice(0, 16), sha256: digest, wasm, data: data.value })
}

type Files = ReadonlyMap<string, Uint8Array>

function dataIn(files: Files): Result<JsonObject, readonly PolicyFault[]> {
  let data: JsonObject = {}
  for (const path of [...files.keys()].toSorted()) {
    const folder = /^(?:(.*)\/)?data\.(?:json|ya?ml)$/.exec(path)
    if (folder === null) continue
    const document = documentIn(files, path)
    if (!document.ok) return document
    const merged = merge(data, nest(document.value, folder[1]?.split('/') ?? []))
    if (merged === undefined) return refused(path, 'defines what another data file defines too')
    data = merged
  }
  return ok(data)
}

function documentIn(files: Files, path: string): Result<JsonObject, readonly PolicyFault[]> {
  const bytes = files.get(path)
  if (bytes === undefined) return ok({})
  const text = decodeUtf8(bytes)
  if (!text.ok) return refused(path, text.error)
  const value = /\.ya?ml$/.test(path) ? yamlIn(text.value) : parseStrictJson(text.value)
  if (!value.ok) return refused(path, value.error)
  return isObject(value.value) ? ok(value.value) : refused(path, 'is no object')
}

function yamlIn(text: string): Result<unknown, string> {
  try {
    return parseStrictJson(JSON.stringify(parseYaml(text, { maxAliasCount: 0 }) ?? {}))
  } catch (thrown) {
    return err(thrownText(thrown))
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const nest = (document: JsonObject, folders: readonly string[]): JsonObject =>
  folders.reduceRight((inner: JsonObject, folder) => ({ [folder]: inner }), document)

/** Undefined when both define the same value. */
function merge(a: JsonObject, b: JsonObject): JsonObject | undefined {
  const merged: Record<string, Json> = { ...a }
  for (const [key, theirs] of Object.entries(b)) {
    const ours = Object.hasOwn(merged, key) ? merged[key] : undefined
    const both = ours === undefined ? theirs : isObject(ours) && isObject(theirs) ? merge(ours, theirs) : undefined
    if (both === undefined) return undefined
    merged[key] = both
  }
  return merged
}

function refused(file: string | undefined, message: string): { ok: false; error: readonly PolicyFault[] } {
  const remedy = 'Build the bundle again with `portcullis build`, or fetch it again'
  return err([
    {
      ...(file === undefined ? {} : { file }),
      message: file === undefined ? `the bundle ${message}` : message,
      remedy,
    },
  ])
}
