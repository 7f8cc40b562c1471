import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { pointerMembers } from '../../lib/json-pointer.ts'
import { type Json, type JsonObject, membersOf } from '../../model/json.ts'
import type { Resource } from '../../model/resource.ts'
import type { Tool } from '../../model/tool.ts'
import type { Path } from '../../pap/diff/places.ts'
import type { ToolTarget } from '../../pap/diff/targets.ts'
import { createCatalogue } from '../../pip/catalogue.ts'
import { imaginedCall } from '../inquiry/call.ts'

/** Tools as questions are asked of them, in the words of the catalogue that a server would use. */
export function targetsOf(tools: readonly Tool[]): readonly ToolTarget[] {
  const { describe } = createCatalogue('portcullis', tools)
  return tools.map((tool) => {
    const pointers = Object.keys(tool.paths).map(pointerMembers)
    const known = new Map<string, Resource>()

    const describeCall = (args: JsonObject) =>
      describe(imaginedCall('tools/call', { type: 'tool', name: tool.name, arguments: args }))

    const at = (sample: JsonObject, text: string) =>
      describeCall(pointers.reduce((args, members) => put(args, members, text), sample))
    const samples = samplesOf(tool.input)
    const sample = samples.find((one) => at(one, '/').faults.length === 0) ?? {}

    const call = (path: Path): Resource => {
      const text = `/${path.join('/')}`
      const before = known.get(text)
      if (before !== undefined) return before
      const { resource } = at(sample, text)
      known.set(text, resource)
      return resource
    }

    const { arguments: _, paths: __, ...properties } = call([]).properties
    return { existence: { type: 'tool', id: tool.name, properties }, takesPath: pointers.length > 0, call }
  })
}

/** The least that the schema takes, and with each optional argument; text that no schema says more of is a word. */
function samplesOf(input: TSchema): readonly JsonObject[] {
  const least = Value.Create(input) as JsonObject
  const properties: Readonly<Record<string, TSchema>> = 'properties' in input ? Object(input.properties) : {}
  const optional = Object.entries(properties).filter(([name]) => !Object.hasOwn(least, name))
  return [
    least,
    ...optional.flatMap(([name, schema]) => [
      { ...least, [name]: Value.Create(schema) as Json },
      { ...least, [name]: 'word' },
    ]),
  ]
}

/** An array gets one element. */
function put(into: Json | undefined, members: readonly string[], text: string): JsonObject {
  const [member = '', ...rest] = members
  const object = membersOf(into)
  const [next, ...below] = rest
  if (next === '*') return { ...object, [member]: [below.length === 0 ? text : put(undefined, below, text)] }
  return { ...object, [member]: rest.length === 0 ? text : put(object[member], rest, text) }
}
