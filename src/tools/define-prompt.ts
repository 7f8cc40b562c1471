import { type Static, type TSchema, Type } from 'typebox'
import type { ClientCapability, InputRequired } from '../model/caller.ts'
import type { ToolResult } from '../model/fault.ts'
import type { Complete, Prompt, PromptAnswer } from '../model/prompt.ts'
import type { Capabilities } from '../model/tool.ts'
import { isReservedName } from './reserved.ts'
import { lintSchema } from './schema-lint.ts'

const NO_ARGUMENTS = Type.Object({}, { additionalProperties: false })

export type PromptDefinition<A extends TSchema> = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments?: A
  readonly tags?: readonly string[]
  readonly asks?: boolean
  readonly requires?: readonly ClientCapability[]
  readonly complete?: Readonly<Record<string, Complete>>
  run(args: Static<A>, capabilities: Capabilities): Promise<ToolResult<PromptAnswer> | InputRequired>
}

// Registered, not private: a module may resolve another copy of this package than the server runs.
const BRAND = Symbol.for('portcullis.prompt')

/** True for what `definePrompt` made. */
export const isPrompt = (value: unknown): value is Prompt =>
  typeof value === 'object' && value !== null && BRAND in value

/** Makes a prompt, or throws a TypeError with everything that is wrong with its definition. */
export function definePrompt<A extends TSchema = typeof NO_ARGUMENTS>(definition: PromptDefinition<A>): Prompt<A> {
  const prompt: Prompt<A> = {
    ...definition,
    arguments: definition.arguments ?? (NO_ARGUMENTS as TSchema as A),
    tags: Object.freeze([...(definition.tags ?? [])]),
    asks: definition.asks ?? false,
    requires: Object.freeze([...(definition.requires ?? [])]),
    complete: Object.freeze({ ...definition.complete }),
  }
  const faults = faultsOf(prompt as unknown as Prompt)
  if (faults.length > 0) throw new TypeError(`definePrompt ${JSON.stringify(prompt.name)}:\n  ${faults.join('\n  ')}`)
  return Object.freeze(Object.defineProperty(prompt, BRAND, { value: true }))
}

type Properties = Readonly<Record<string, { readonly type?: unknown; readonly maxLength?: unknown }>>

function faultsOf(prompt: Prompt): readonly string[] {
  const faults: string[] = []
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(prompt.name) || isReservedName(prompt.name)) {
    faults.push('name: 1 to 64 of A-Z a-z 0-9 _ -, and no name that every object has, such as "constructor"')
  }
  if (prompt.title === '') faults.push('title: must not be empty')
  if (prompt.description === '') faults.push('description: must not be empty; people choose prompts by it')
  faults.push(...lintSchema(prompt.arguments).map((fault) => `arguments${fault}`))
  const { properties = {} } = prompt.arguments as { readonly properties?: Properties }
  for (const [name, { type }] of Object.entries(properties)) {
    if (type !== 'string') faults.push(`arguments/${name}: must be a Type.String; prompts have no other arguments`)
  }
  const unknown = Object.keys(prompt.complete).filter((name) => !Object.hasOwn(properties, name))
  faults.push(...unknown.map((name) => `complete: ${name} is no argument`))
  return faults
}
