import { type Json, type JsonObject, valueAt } from '../model/json.ts'
import type { InputReads } from './loaded-bundle.ts'

type Path = readonly string[]
type Read = { readonly path: Path; readonly pick: (value: Json) => Json }
type Growing = { [name: string]: Json | Growing }

/**
 * Takes from an input what an entrypoint can read: of that alone it answers the same. A record is long, its mask
 * looks at three places, and to hand all of it to WASM takes thirty times as long as the mask does (measured).
 */
export function pickReads({ values, types }: InputReads): (input: JsonObject) => JsonObject {
  const whole = values.filter((path) => !values.some((other) => other.length < path.length && isBelow(path, other)))
  const reads: readonly Read[] = [
    ...whole.map((path) => ({ path, pick: (value: Json) => value })),
    ...types
      .filter((path) => !whole.some((other) => isBelow(path, other)))
      .map((path) => ({ path, pick: emptyOfType })),
  ].toSorted((a, b) => a.path.length - b.path.length)
  if (reads[0]?.path.length === 0) return (input) => input
  return (input) => {
    const picked: Growing = {}
    for (const { path, pick } of reads) {
      const value = valueAt(input, path)
      if (value !== undefined) put(picked, path, pick(value))
    }
    return picked as JsonObject
  }
}

const isBelow = (path: Path, other: Path): boolean => other.every((name, index) => path[index] === name)

function put(into: Growing, path: Path, value: Json): void {
  let place = into
  for (const name of path.slice(0, -1)) {
    place[name] ??= {}
    place = place[name] as Growing
  }
  place[path.at(-1) ?? ''] = value
}

/** All that `type_name` and its like can tell. */
function emptyOfType(value: Json): Json {
  switch (typeof value) {
    case 'string':
      return ''
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'object':
      return value === null ? null : Array.isArray(value) ? [] : {}
  }
}
