import type { TSchema } from 'typebox'
import type { Described } from '../model/described.ts'
import type { JsonObject } from '../model/json.ts'
import type { Prompt } from '../model/prompt.ts'
import type { Resource } from '../model/resource.ts'
import { createArgumentReader } from './arguments.ts'

/** A prompt as the catalogue keeps it. */
export type PromptEntry = {
  /** The existence question: everything we vouch for, no arguments. */
  readonly resource: Resource
  readonly asks: boolean
  readonly requires: Prompt['requires']
  readonly describe: (sent: JsonObject) => Described
  readonly listing: JsonObject
}

/** A prompt only writes text: it is read-only by its nature. */
export function promptEntry(serverName: string, prompt: Prompt): PromptEntry {
  const read = createArgumentReader({ input: prompt.arguments, paths: {}, payload: [] }, 'prompt')
  const properties = { server: serverName, read_only: true, tags: [...prompt.tags] }
  const resource: Resource = { type: 'prompt', id: prompt.name, properties }
  return {
    resource,
    asks: prompt.asks,
    requires: prompt.requires,
    describe: (sent) => {
      const { faults, args, shown } = read(sent)
      const sound = faults.length === 0
      return {
        known: true,
        resource: sound ? { ...resource, properties: { ...properties, arguments: shown } } : resource,
        faults,
        mismatched: [],
        arguments: args,
        items: [],
      }
    },
    listing: {
      name: prompt.name,
      title: prompt.title,
      description: prompt.description,
      arguments: argumentsOf(prompt.arguments),
    },
  }
}

type ObjectSchema = {
  readonly properties?: Readonly<Record<string, { readonly title?: string; readonly description?: string }>>
  readonly required?: readonly string[]
}

const argumentsOf = (schema: TSchema): readonly JsonObject[] => {
  const { properties = {}, required = [] } = schema as ObjectSchema
  return Object.entries(properties).map(([name, { title, description }]) => ({
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    required: required.includes(name),
  }))
}
