import { sha256 } from '../../lib/digest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { LoadedBundle } from '../../pdp/loaded-bundle.ts'
import { readArchive } from './archive.ts'
import { type BundleFiles, MANIFEST, MODULE, readObject, SIGNATURES, SMOKE } from './documents.ts'
import { gunzipOne } from './gzip.ts'
import { readManifest, rootsFault } from './manifest.ts'
import { readPackedSmoke } from './smoke-file.ts'
import { signatureFaults, type Verification } from './verify.ts'

export type ReadOptions = {
  /** The bundle has to be signed with one of these keys. */
  readonly verification?: Verification
  /** Of the packed bundle, and of the data in it. */
  readonly maxBytes?: number
}

type Read<T> = Result<T, readonly PolicyFault[]>

export const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
/** Unpacked against packed; what is small may grow more, since a module and its tables compress well. */
const MAX_GROWTH = 4
const ALWAYS_UNPACKED = 64 * 1024 * 1024

/** Reads a bundle in OPA's format, a gzipped tar with `.manifest`, data and `policy.wasm`. It never throws. */
export async function readBundle(packed: Uint8Array, options: ReadOptions = {}): Promise<Read<LoadedBundle>> {
  const { maxBytes = DEFAULT_MAX_BYTES } = options
  if (packed.byteLength > maxBytes) return refused(undefined, `is larger than ${maxBytes} bytes`)
  const unpacked = await gunzipOne(packed, Math.max(MAX_GROWTH * maxBytes, ALWAYS_UNPACKED))
  if (!unpacked.ok) return refused(undefined, unpacked.error)
  const files = readArchive(unpacked.value)
  if (!files.ok) return refused(undefined, files.error)
  const stray = strayIn(files.value)
  if (stray !== undefined) return stray
  const unsigned = options.verification && (await signatureFaults(files.value, options.verification))
  if (unsigned !== undefined && unsigned.length > 0) return err(unsigned)
  return bundleIn(files.value, sha256(packed), maxBytes)
}

function bundleIn(files: BundleFiles, digest: string, maxDataBytes: number): Read<LoadedBundle> {
  const wasm = files.get(MODULE)
  if (wasm === undefined) return refused(MODULE, 'is missing: the bundle was not built for WASM')
  const manifest = readManifest(files)
  if (!manifest.ok) return refused(MANIFEST, manifest.error)
  if (dataBytes(files) > maxDataBytes) return refused(undefined, `has more than ${maxDataBytes} bytes of data`)
  const data = dataIn(files)
  if (!data.ok) return data
  const misplaced = rootsFault(manifest.value, data.value)
  if (misplaced !== undefined) return refused(MANIFEST, misplaced)
  const smoke = readPackedSmoke(files)
  if (!smoke.ok) return refused(SMOKE, smoke.error)
  const { revision, ...rest } = manifest.value
  return ok({
    ...rest,
    revision: revision === '' ? digest.slice(0, 16) : revision,
    sha256: digest,
    ...(smoke.value !== undefined && { smoke: smoke.value }),
    wasm,
    data: data.value,
  })
}

/** What OPA would read and we would not, or read otherwise. */
function strayIn(files: BundleFiles): ReturnType<typeof refused> | undefined {
  for (const path of files.keys()) {
    const name = path.split('/').at(-1) ?? ''
    if (name === 'patch.json') return refused(path, 'makes this a delta bundle, which is not supported')
    if (path.endsWith('.manifest.pb')) return refused(path, 'is a manifest in a format that is not supported')
    if (path.endsWith(MANIFEST) && path !== MANIFEST) return refused(path, 'is a second manifest')
    if (name === SIGNATURES && path !== SIGNATURES) return refused(path, 'is a second file of signatures')
    if (name === MODULE && path !== MODULE) return refused(path, 'is a second module')
  }
  return undefined
}

const DATA_FILE = /^(?:(.*)\/)?data\.(?:json|ya?ml)$/

/** In WASM, data takes about twelve times of them (measured). */
const dataBytes = (files: BundleFiles): number =>
  [...files].reduce((total, [path, bytes]) => total + (DATA_FILE.test(path) ? bytes.byteLength : 0), 0)

function dataIn(files: BundleFiles): Read<JsonObject> {
  let data: JsonObject = {}
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const place = DATA_FILE.exec(path)
    if (place === null) continue
    const folders = place[1]?.split('/') ?? []
    if (folders.includes('__proto__')) return refused(path, 'is in a folder whose name no document can have')
    const document = readObject(path, bytes)
    if (!document.ok) return refused(path, document.error)
    const merged = merge(data, nest(document.value, folders))
    if (merged === undefined) return refused(path, 'defines what another data file defines too')
    data = merged
  }
  return ok(data)
}

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
  if (file !== undefined) return err([{ file, message, remedy }])
  return err([{ message: `the bundle ${message}`, remedy }])
}
