import { isObject } from '../model/json.ts'

/** About half a second. A union of 200 arrays of 20 000 items held the event loop for 13 s (C-069). */
const MAX_STEPS = 200_000

/** How many comparisons a value may take at most: each item is held against each alternative. */
const steps = (schema: unknown): number => {
  if (!isObject(schema)) return 1
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) if (Array.isArray(schema[keyword])) return sum(schema[keyword])
  const { items, maxItems, properties } = schema
  if (Array.isArray(items)) return sum(items)
  if (items !== undefined) return steps(items) * (typeof maxItems === 'number' ? maxItems : 1)
  return isObject(properties) ? sum(Object.values(properties)) : 1
}

const sum = (schemas: readonly unknown[]): number => schemas.reduce<number>((total, schema) => total + steps(schema), 1)

/** Faults of a schema for arguments that would take too long to check. */
export const lintCost = (schema: unknown): readonly string[] => {
  const needed = steps(schema)
  if (needed <= MAX_STEPS) return []
  return [`: a value may take ${needed} steps to check, more than ${MAX_STEPS}; lower maxItems or the alternatives`]
}
