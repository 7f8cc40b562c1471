/** Settings from one source, and how to name the place of each. */
export type Layer = {
  readonly value: unknown
  readonly locate: (members: readonly string[]) => string | undefined
  /** The folder that relative paths in it start from. */
  readonly base: string
}

export type Merged = {
  readonly value: unknown
  /** The source of a setting: the last layer that has it, else that of what encloses it. */
  readonly sourceOf: (members: readonly string[]) => Layer | undefined
}

/** Lays settings over each other, the later ones on top. Mappings merge, everything else replaces. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const sourceOf = (members: readonly string[]): Layer | undefined =>
    layers.findLast((layer) => has(layer.value, members)) ??
    (members.length === 0 ? undefined : sourceOf(members.slice(0, -1)))
  return { value: layers.map((layer) => layer.value).reduce(mergeSettings, {}), sourceOf }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lays one mapping over another. */
export function mergeSettings(under: unknown, over: unknown): unknown {
  if (!isMapping(under) || !isMapping(over)) return over
  const keys = new Set([...Object.keys(under), ...Object.keys(over)])
  const own = (object: Record<string, unknown>, key: string) => (Object.hasOwn(object, key) ? object[key] : undefined)
  // Object.fromEntries defines members, so that a key named __proto__ stays a key and is refused as unknown.
  return Object.fromEntries(
    [...keys].map((key) => [key, Object.hasOwn(over, key) ? mergeSettings(own(under, key), over[key]) : under[key]]),
  )
}

function has(value: unknown, members: readonly string[]): boolean {
  const [first, ...rest] = members
  if (first === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, first)) return false
  return has((value as Record<string, unknown>)[first], rest)
}
