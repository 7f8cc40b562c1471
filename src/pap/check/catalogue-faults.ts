import { closest } from '../../lib/closest.ts'
import { type Json, type JsonObject, membersOf } from '../../model/json.ts'
import type { DataFault } from './data-fault.ts'

const ACCESS: readonly unknown[] = ['read', 'write', 'list']
const IS_RIGHT: Readonly<Record<string, (value: Json) => boolean>> = {
  read_only: (value) => typeof value === 'boolean',
  tags: (value) => Array.isArray(value) && value.every((tag) => typeof tag === 'string'),
  paths: (value) =>
    Object.entries(membersOf(value)).every(([pointer, access]) => pointer.startsWith('/') && ACCESS.includes(access)) &&
    membersOf(value) === value,
}

/** What we vouch for about tools that are not ours: a word that nothing reads would vouch for nothing. */
export function catalogueFaults(catalogue: JsonObject): readonly DataFault[] {
  return Object.entries(catalogue).flatMap(([tool, described]) => {
    const fault = (members: readonly string[], message: string, remedy: string): DataFault => ({
      check: 'tool-shape',
      folder: 'catalogue',
      members: [tool, ...members],
      message: `tool "${tool}" ${message}`,
      remedy,
    })
    if (membersOf(described) !== described) return [fault([], 'is not described by a mapping', 'Write {} at least')]
    return Object.entries(described).flatMap(([key, value]) => {
      const meant = Object.hasOwn(IS_RIGHT, key) ? undefined : closest(key, Object.keys(IS_RIGHT))
      if (meant !== undefined) return [fault([key], `has "${key}", which nothing reads`, `Did you mean "${meant}"?`)]
      if (IS_RIGHT[key]?.(value) ?? true) return []
      const remedy = 'read_only is true or false, tags a list, paths JSON pointer → read, write or list'
      return [fault([key], `has ${key} ${JSON.stringify(value)}`, remedy)]
    })
  })
}
