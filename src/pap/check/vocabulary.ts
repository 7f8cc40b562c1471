import { closest } from '../../lib/closest.ts'
import type { Finding } from '../../model/finding.ts'
import { type JsonObject, membersOf } from '../../model/json.ts'
import type { Scalar } from './origin.ts'

/** A JSON schema, as far as it is looked at. */
export type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: object
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly const?: Scalar
  readonly anyOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
}

/** The words that a policy may use, besides those of its own data. */
export type Vocabulary = {
  readonly actions: readonly string[]
  readonly resourceTypes: readonly string[]
  /** Name of each tool → the schema of its arguments. */
  readonly tools: ReadonlyMap<string, Schema>
  /** Of the policy input. */
  readonly input: Schema
}

export type Words = {
  /** What one of them is called. */
  readonly noun: string
  readonly words: readonly string[]
  /** Nobody else may bring further words. */
  readonly isClosed: boolean
  readonly remedy: string
}

/** What the values at a path can be, when there is a list of them. */
export function wordsAt(
  path: readonly string[],
  vocabulary: Vocabulary,
  data: JsonObject,
  isTool: boolean,
): Words | undefined {
  switch (path.join('.')) {
    case 'input.action.name':
      return open('action', vocabulary.actions, 'Correct the name; it is an MCP method')
    case 'input.resource.type':
      return open('resource type', vocabulary.resourceTypes, `Name one of ${vocabulary.resourceTypes.join(', ')}`)
    case 'input.resource.id': {
      const tools = [...vocabulary.tools.keys(), ...keysIn(data, 'catalogue')]
      const remedy = 'Correct the name, or describe the tool in mcp/catalogue/data.yaml'
      return { noun: 'tool', words: tools, isClosed: isTool, remedy }
    }
    case 'input.subject.properties.roles.*':
      return ofData('role', [...keysIn(data, 'roles'), ...keysIn(data, 'inherits')], 'roles')
    case 'input.subject.properties.scopes.*':
      return ofData('scope', keysIn(data, 'scopes'), 'scopes')
    default: {
      const words = schemaAt(vocabulary.input, path.slice(1))?.anyOf?.map((one) => String(one.const))
      if (words === undefined || path[0] !== 'input') return undefined
      return { noun: `value of ${path.join('.')}`, words, isClosed: true, remedy: `Name one of ${words.join(', ')}` }
    }
  }
}

const open = (noun: string, words: readonly string[], remedy: string): Words => ({
  noun,
  words,
  isClosed: false,
  remedy,
})

/** A policy without such data has no list of its words. */
const ofData = (noun: string, words: readonly string[], folder: string): Words | undefined =>
  words.length === 0
    ? undefined
    : { noun, words, isClosed: true, remedy: `Correct the name, or add it to mcp/${folder}/data.yaml` }

const keysIn = (data: JsonObject, folder: string): readonly string[] =>
  Object.keys(membersOf(membersOf(data['mcp'])[folder]))

/** The schema of an attribute; `*` is any element. Undefined when there is no such attribute. */
export function schemaAt(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  const [first, ...rest] = path
  if (schema === undefined || first === undefined) return schema
  const property = schema.properties?.[first]
  if (property !== undefined) return schemaAt(property, rest)
  if (schema.items !== undefined) return schemaAt(schema.items, rest)
  return isOpen(schema) || first === '*' ? {} : undefined
}

/** Any member may be there, or it is no object that one knows of. */
const isOpen = ({ properties, patternProperties, items, anyOf, ...rest }: Schema): boolean =>
  patternProperties !== undefined ||
  (properties === undefined && items === undefined && anyOf === undefined && !('type' in rest))

/** Why a value can never be this scalar; undefined when it can. */
export function mismatch(
  path: readonly string[],
  scalar: Scalar,
  words: Words | undefined,
  input: Schema,
): Pick<Finding, 'level' | 'message' | 'remedy'> | undefined {
  if (words !== undefined && typeof scalar === 'string' && !words.words.includes(scalar)) {
    const meant = closest(scalar, words.words)
    const isTypo = meant !== undefined
    if (words.noun === 'tool' && !words.isClosed && !isTypo) return undefined
    return {
      level: words.isClosed || isTypo ? 'error' : 'warning',
      message: `there is no ${words.noun} "${scalar}", so this never matches`,
      remedy: isTypo ? `Did you mean "${meant}"? ${words.remedy}` : words.remedy,
    }
  }
  const { minimum, maximum } = (path[0] === 'input' && schemaAt(input, path.slice(1))) || {}
  if (typeof scalar !== 'number' || (scalar >= (minimum ?? -Infinity) && scalar <= (maximum ?? Infinity)))
    return undefined
  const least = minimum ?? 0
  return {
    level: 'error',
    message: `${path.join('.')} is never ${scalar}`,
    remedy: `It goes from ${least} ${maximum === undefined ? 'on' : `to ${maximum}`}`,
  }
}
