import type { TSchema } from 'typebox'
import { decodeMirrored } from '../lib/mirrored-header.ts'
import { type Json, type JsonObject, valueAt } from '../model/json.ts'

/** A property that its schema marks `x-mcp-header: "X"`: the client repeats it as `Mcp-Param-X` (SEP-2243). */
export type MirroredArgument = { readonly header: string; readonly members: readonly string[] }

type SchemaNode = { readonly properties?: Readonly<Record<string, SchemaNode>>; readonly 'x-mcp-header'?: unknown }

export function mirroredArguments(schema: TSchema): readonly MirroredArgument[] {
  const find = (node: SchemaNode, members: readonly string[]): readonly MirroredArgument[] =>
    Object.entries(node.properties ?? {}).flatMap(([member, property]) => {
      const here = [...members, member]
      const name = property['x-mcp-header']
      const own = typeof name === 'string' ? [{ header: `mcp-param-${name.toLowerCase()}`, members: here }] : []
      return [...own, ...find(property, here)]
    })
  return find(schema as SchemaNode, [])
}

/** The headers that are missing, superfluous or differ from the argument sent. Compared, never evaluated. */
export function mismatches(
  mirrored: readonly MirroredArgument[],
  sent: JsonObject,
  headers: ReadonlyMap<string, string>,
): readonly string[] {
  return mirrored.flatMap(({ header, members }) => {
    const value = valueAt(sent, members)
    const carried = headers.get(header)
    if (value === undefined || value === null) return carried === undefined ? [] : [header]
    return carried !== undefined && isSame(value, decodeMirrored(carried)) ? [] : [header]
  })
}

function isSame(value: Json, carried: string | undefined): boolean {
  if (carried === undefined) return false
  if (typeof value === 'number') return /^-?\d+$/.test(carried) && Number(carried) === value
  return typeof value === 'boolean' ? carried === String(value) : carried === value
}
