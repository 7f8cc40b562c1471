import { isObject, type JsonObject } from '../model/json.ts'
import { isReservedName } from './reserved.ts'

const MAX_PATTERN_INPUT = 1024
const MAX_REPETITIONS = 2

/**
 * What a pattern may be: anchored, without groups (so that no quantifier nests), at most two repetitions.
 * A backtracking engine then needs at most quadratic time, of a bounded length.
 */
const lintPattern = (pattern: string): string | undefined => {
  const bare = pattern.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_')
  if (!bare.startsWith('^') || !bare.endsWith('$')) return 'pattern must be anchored: ^…$'
  if (/[()|]/.test(bare)) return 'pattern must not contain groups or alternatives; use Type.Union or Type.Enum'
  const repetitions = bare.match(/[*+]|\{\d+,\d*\}/g) ?? []
  return repetitions.length > MAX_REPETITIONS ? `pattern must have at most ${MAX_REPETITIONS} repetitions` : undefined
}

const lintString = (schema: JsonObject): string | undefined => {
  if (typeof schema['maxLength'] !== 'number') return 'a string needs maxLength'
  if (typeof schema['pattern'] !== 'string') return undefined
  if (schema['maxLength'] > MAX_PATTERN_INPUT) return `a string with a pattern needs maxLength <= ${MAX_PATTERN_INPUT}`
  return lintPattern(schema['pattern'])
}

const lintAll = (schemas: Iterable<readonly [string, unknown]>, at: string): readonly string[] =>
  [...schemas].flatMap(([key, schema]) => lintSchema(schema, `${at}/${key}`))

const lintObject = (schema: JsonObject, at: string): readonly string[] => {
  if (schema['additionalProperties'] !== false || !isObject(schema['properties'])) {
    return [`${at}: an object must be closed: { additionalProperties: false }, no records`]
  }
  const properties = Object.entries(schema['properties'])
  const reserved = properties.filter(([name]) => isReservedName(name))
  return [...reserved.map(([name]) => `${at}/${name}: reserved name`), ...lintAll(properties, at)]
}

const lintArray = (schema: JsonObject, at: string): readonly string[] => {
  const items = schema['items']
  if (Array.isArray(items)) return lintAll(Object.entries(items), at)
  const bound = typeof schema['maxItems'] === 'number' ? [] : [`${at}: an array needs maxItems`]
  return [...bound, ...lintSchema(items, `${at}/*`)]
}

const one = (at: string, problem: string | undefined) => (problem === undefined ? [] : [`${at}: ${problem}`])

/**
 * Faults of a schema for arguments: whatever it admits must be bounded and fully described, because
 * validation runs before anything else is known of the arguments.
 */
export const lintSchema = (schema: unknown, at = ''): readonly string[] => {
  if (!isObject(schema)) return [`${at}: not a schema`]
  if ('const' in schema || 'enum' in schema) return []
  for (const keyword of ['anyOf', 'oneOf', 'allOf']) {
    if (Array.isArray(schema[keyword])) return schema[keyword].flatMap((member) => lintSchema(member, at))
  }
  switch (schema['type']) {
    case 'boolean':
    case 'null':
    case 'integer':
    case 'number':
      return []
    case 'string':
      return one(at, lintString(schema))
    case 'array':
      return lintArray(schema, at)
    case 'object':
      return lintObject(schema, at)
    default:
      return [`${at}: a schema that admits anything, or one that cannot be bounded ($ref, Type.Unknown, …)`]
  }
}
