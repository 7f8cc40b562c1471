import type { Module, Node, Rule } from '../rego/module.ts'

export type Scalar = string | number | boolean | null

/**
 * Where a value may come from. `*` in a path is any member. A collection knows its members, and the keys by
 * which it can be asked.
 */
export type Origin =
  | { readonly kind: 'scalar'; readonly value: Scalar }
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | { readonly kind: 'collection'; readonly members: Origins; readonly keys: Origins }

/** Undefined: cannot be told. */
export type Origins = readonly Origin[] | undefined

export type Definition = { readonly module: Module; readonly rule: Rule }
export type Definitions = {
  readonly path: string
  readonly definitions: readonly Definition[]
  /** What of the reference is left after the name of the rules. */
  readonly rest: readonly Node[]
}

/** Unknown as soon as one of them is. */
export function union(all: readonly Origins[]): Origins {
  const known = all.filter((one) => one !== undefined)
  return known.length === all.length ? known.flat() : undefined
}

export const membersOf = (origins: Origins): Origins =>
  union(
    origins?.map((origin): Origins => {
      if (origin.kind === 'path') return [{ kind: 'path', path: [...origin.path, '*'] }]
      return origin.kind === 'collection' ? origin.members : []
    }) ?? [undefined],
  )

/** The keys by which a value can be asked in brackets. */
export const keysOf = (origins: Origins): Origins =>
  union(origins?.map((origin) => (origin.kind === 'collection' ? origin.keys : undefined)) ?? [undefined])

export const scalarsOf = (origins: Origins): readonly Scalar[] =>
  origins?.flatMap((origin) => (origin.kind === 'scalar' ? [origin.value] : [])) ?? []

/** The paths that a value comes from; none unless all of it does. */
export function pathsOf(origins: Origins): readonly (readonly string[])[] {
  const paths = origins?.flatMap((origin) => (origin.kind === 'path' ? [origin.path] : [])) ?? []
  return paths.length === origins?.length ? paths : []
}
