import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { err, ok, type Result } from '../../lib/result.ts'
import { isObject, type Json, type JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { InputReads } from '../../pdp/loaded-bundle.ts'
import { type BundleFiles, MANIFEST, MODULE, readObject } from './documents.ts'

export type Manifest = {
  readonly revision: string
  readonly roots: readonly string[]
  readonly entrypoints: readonly string[]
  /** `metadata.version`: grows with every release. */
  readonly version?: number
  readonly reads?: InputReads
  readonly maskReads?: InputReads
}

const Paths = Type.Array(Type.Array(Type.String()))
const Reads = Type.Object({ values: Paths, types: Paths })

/** OPA's manifest.schema.json, as far as it matters here; `metadata` is ours to fill. */
const shapes = Compile(
  Type.Object({
    revision: Type.Optional(Type.String()),
    roots: Type.Optional(Type.Array(Type.String())),
    rego_version: Type.Optional(Type.Enum([0, 1])),
    wasm: Type.Optional(
      Type.Array(Type.Object({ entrypoint: Type.String({ minLength: 1 }), module: Type.String({ minLength: 1 }) })),
    ),
    metadata: Type.Optional(
      Type.Object({
        version: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
        entrypoints: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
        reads: Type.Optional(Reads),
        mask_reads: Type.Optional(Reads),
      }),
    ),
  }),
)

export function readManifest(files: BundleFiles): Result<Manifest, string> {
  const bytes = files.get(MANIFEST)
  const document = bytes === undefined ? ok({}) : readObject(MANIFEST, bytes)
  if (!document.ok) return document
  const { value } = document
  if (!shapes.Check(value)) {
    const [fault] = shapes.Errors(value)
    return err(`${fault?.instancePath || '/'} ${fault?.message}`)
  }
  const { revision = '', roots = [''], wasm = [], metadata = {} } = value
  const foreign = wasm.find(({ module }) => withoutSlash(module) !== MODULE)
  if (foreign !== undefined) return err(`names the module ${foreign.module}; /${MODULE} is the only one`)
  const { version, entrypoints = [], reads, mask_reads } = metadata
  return ok({
    revision,
    roots: roots.map((root) => root.replace(/^\/+|\/+$/g, '')),
    entrypoints: wasm.length > 0 ? wasm.map(({ entrypoint }) => entrypoint) : entrypoints,
    ...(version !== undefined && { version }),
    ...(reads !== undefined && { reads }),
    ...(mask_reads !== undefined && { maskReads: mask_reads }),
  })
}

const withoutSlash = (path: string): string => path.replace(/^\//, '')

/** As OPA's Manifest.validateAndInjectDefaults: roots apart from each other, and nothing outside them. */
export function rootsFault({ roots, entrypoints }: Manifest, data: JsonObject): string | undefined {
  const paths = roots.map(segmentsOf)
  for (const [index, root] of paths.entries()) {
    const other = paths.slice(index + 1).find((other) => contains(root, other) || contains(other, root))
    if (other !== undefined) return `has overlapping roots, "${root.join('/')}" and "${other.join('/')}"`
  }
  const stray = entrypoints.find((entrypoint) => !paths.some((root) => contains(root, segmentsOf(entrypoint))))
  if (stray !== undefined) return `names the entrypoint ${stray}, which is outside its roots (${roots.join(', ')})`
  const outside = firstOutside(paths, data, [])
  if (outside === undefined) return undefined
  return `permits data below ${roots.join(', ') || 'nothing'}, but there is data at /${outside.join('/')}`
}

type Path = readonly string[]

function firstOutside(roots: readonly Path[], value: Json, place: Path): Path | undefined {
  if (roots.some((root) => contains(root, place))) return undefined
  if (!roots.some((root) => contains(place, root)) || !isObject(value)) return place
  for (const [key, member] of Object.entries(value)) {
    const outside = firstOutside(roots, member, [...place, key])
    if (outside !== undefined) return outside
  }
  return undefined
}

const segmentsOf = (path: string): Path => (path === '' ? [] : path.split('/'))

const contains = (root: Path, path: Path): boolean => root.every((segment, index) => path[index] === segment)

/** A bundle that is older than one that was in force, or that does not say how old it is. */
export function downgradeFault(
  candidate: { readonly version?: number },
  floor: number | undefined,
): PolicyFault | undefined {
  if (floor === undefined || (candidate.version !== undefined && candidate.version >= floor)) return undefined
  const { version } = candidate
  return {
    file: MANIFEST,
    message: `${version === undefined ? 'has no version' : `has version ${version}`}, and ${floor} was in force already`,
    remedy: `Build with \`--bundle-version ${floor + 1}\`, or roll back on purpose with \`portcullis rollout rollback\``,
  }
}
