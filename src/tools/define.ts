import { type Static, type TSchema, Type } from 'typebox'
import { pointerMembers } from '../lib/json-pointer.ts'
import type { ClientCapability, InputRequired } from '../model/caller.ts'
import type { ToolResult } from '../model/fault.ts'
import { isObject, valueAt } from '../model/json.ts'
import type { Access } from '../model/resource.ts'
import type { Capabilities, Tool } from '../model/tool.ts'
import { isContent } from './content.ts'
import { isReservedName } from './reserved.ts'
import { lintCost } from './schema-cost.ts'
import { lintSchema } from './schema-lint.ts'

/** A path argument: the policy decides on its segments. */
export const WorkspacePath = Type.String({
  maxLength: 4096,
  description: 'Path in the workspace, with "/" between names, e.g. "docs/readme.md". No ".", ".." or empty names.',
})

export type ToolDefinition<I extends TSchema, O extends TSchema> = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: I
  readonly output: O
  readonly readOnly: boolean
  readonly tags?: readonly string[]
  readonly workspace?: boolean
  readonly paths?: Readonly<Record<string, Access>>
  readonly payload?: readonly string[]
  readonly asks?: boolean
  readonly requires?: readonly ClientCapability[]
  run(args: Static<I>, capabilities: Capabilities): Promise<ToolResult<Static<O>> | InputRequired>
}

// Registered, not private: a tool module may resolve another copy of this package than the server runs.
const BRAND = Symbol.for('portcullis.tool')

/** True for what `defineTool` made. */
export const isTool = (value: unknown): value is Tool => typeof value === 'object' && value !== null && BRAND in value

/** Where in a schema that of the value stands which a JSON pointer names; `*` stands for each element of an array. */
const placeInSchema = (pointer: string): readonly string[] =>
  pointerMembers(pointer).flatMap((member) => (member === '*' ? ['items'] : ['properties', member]))

const pointerFaults = (input: unknown, keyword: string, pointers: readonly string[]) =>
  pointers
    .filter((pointer) => !pointer.startsWith('/') || valueAt(input, [...placeInSchema(pointer), 'type']) !== 'string')
    .map((pointer) => `${keyword}: ${pointer} is the JSON pointer of no declared string; "/*" means each element`)

const faultsOf = (tool: Tool): readonly string[] => {
  const faults: string[] = []
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(tool.name) || isReservedName(tool.name)) {
    faults.push('name: 1 to 64 of A-Z a-z 0-9 _ -, and no name that every object has, such as "constructor"')
  }
  if (tool.title === '') faults.push('title: must not be empty')
  if (tool.description === '') faults.push('description: must not be empty; a model chooses tools by it')
  if (!isObject(tool.input) || tool.input['type'] !== 'object') faults.push('input: must be a Type.Object')
  else faults.push(...[...lintSchema(tool.input), ...lintCost(tool.input)].map((fault) => `input${fault}`))
  if (!isContent(tool.output) && (!isObject(tool.output) || tool.output['type'] !== 'object')) {
    faults.push('output: must be a Type.Object, or Content')
  }
  faults.push(...pointerFaults(tool.input, 'paths', Object.keys(tool.paths)))
  faults.push(...pointerFaults(tool.input, 'payload', tool.payload))
  if (tool.readOnly && Object.values(tool.paths).includes('write')) faults.push('readOnly: but a path is for writing')
  return faults
}

/** Makes a tool, or throws a TypeError with everything that is wrong with its definition. */
export const defineTool = <I extends TSchema, O extends TSchema>(definition: ToolDefinition<I, O>): Tool<I, O> => {
  const tool: Tool<I, O> = {
    ...definition,
    tags: Object.freeze([...(definition.tags ?? [])]),
    workspace: definition.workspace ?? false,
    paths: Object.freeze({ ...definition.paths }),
    payload: Object.freeze([...(definition.payload ?? [])]),
    asks: definition.asks ?? false,
    requires: Object.freeze([...(definition.requires ?? [])]),
  }
  const faults = faultsOf(tool as unknown as Tool)
  if (faults.length > 0) throw new TypeError(`defineTool ${JSON.stringify(tool.name)}:\n  ${faults.join('\n  ')}`)
  return Object.freeze(Object.defineProperty(tool, BRAND, { value: true }))
}
