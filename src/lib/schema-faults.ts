import type { TSchema } from 'typebox'
import { Settings } from 'typebox/system'
import { Value } from 'typebox/value'
import { pointerMembers } from './json-pointer.ts'

export type SchemaFault =
  | { readonly kind: 'unknown' | 'missing'; readonly members: readonly string[]; readonly siblings: readonly string[] }
  | { readonly kind: 'wrong'; readonly members: readonly string[]; readonly schema: TSchema }

/** Everything in a value that its closed schema refuses; TypeBox by itself stops after eight. */
export function schemaFaults(schema: TSchema, value: unknown): readonly SchemaFault[] {
  const { maxErrors } = Settings.Get()
  Settings.Set({ maxErrors: 1000 })
  const found = Value.Errors(schema, value)
  Settings.Set({ maxErrors })
  const faults = found.flatMap((error): SchemaFault[] => {
    const members = pointerMembers(error.instancePath)
    const at = pointerMembers(error.schemaPath.slice(1))
    switch (error.keyword) {
      case 'additionalProperties':
        return []
      case 'boolean':
        return [{ kind: 'unknown', members, siblings: propertiesOf(schemaAt(schema, at.slice(0, -1))) }]
      case 'required': {
        const siblings = propertiesOf(schemaAt(schema, at))
        return error.params.requiredProperties.map((name) => ({
          kind: 'missing',
          members: [...members, name],
          siblings,
        }))
      }
      default:
        return [{ kind: 'wrong', members, schema: schemaAt(schema, at) }]
    }
  })
  const keys = faults.map(({ members }) => members.join('/'))
  return faults.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

/** The schema of a setting, by the path of its keys. */
export function schemaOf(schema: TSchema, members: readonly string[]): TSchema | undefined {
  const [first, ...rest] = members
  if (first === undefined) return schema
  const { properties, items } = schema as { properties?: Record<string, TSchema>; items?: TSchema }
  const next = properties !== undefined && Object.hasOwn(properties, first) ? properties[first] : items
  return next === undefined ? undefined : schemaOf(next, rest)
}

/** What a setting takes, in words. */
export function expectation(schema: TSchema): string {
  const { type, minimum, maximum, minLength, maxLength, minItems, pattern } = schema as Record<string, unknown>
  const choices = (schema as { enum?: unknown[] }).enum
  if (choices !== undefined) return `one of ${choices.join(', ')}`
  switch (type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number from ${minimum} to ${maximum}`
    case 'array':
      return minItems === undefined ? 'a list' : `a list with at least ${minItems} element`
    case 'object':
      return 'a mapping'
    default:
      if (pattern !== undefined) return `text that matches ${pattern}`
      return maxLength === undefined
        ? `text${minLength ? ', not empty' : ''}`
        : `text of ${minLength ?? 0} to ${maxLength} characters`
  }
}

const propertiesOf = (schema: TSchema): readonly string[] =>
  Object.keys((schema as { properties?: Record<string, TSchema> }).properties ?? {})

function schemaAt(schema: TSchema, members: readonly string[]): TSchema {
  let node: unknown = schema
  for (const member of members) node = (node as Record<string, unknown>)[member]
  return node as TSchema
}
