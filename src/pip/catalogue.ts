import type { TSchema } from 'typebox'
import type { McpCall } from '../model/call.ts'
import type { Described } from '../model/described.ts'
import type { JsonObject } from '../model/json.ts'
import type { Resource } from '../model/resource.ts'
import type { Tool } from '../model/tool.ts'
import { createArgumentReader } from './arguments.ts'
import { mirroredArguments, mismatches } from './mirrored-arguments.ts'

/** What the catalogue keeps of one tool, compiled once. */
type CatalogueEntry = {
  /** The existence question: everything we vouch for, no arguments. */
  readonly resource: Resource
  readonly describe: (call: McpCall, args: JsonObject) => Described
}

export type Catalogue = {
  readonly describe: (call: McpCall) => Described
  /** Of a tool: what `tools/list` shows of it. */
  readonly listing: (name: string) => JsonObject | undefined
  readonly names: readonly string[]
}

/**
 * What is called, in our own words: what a tool may do is said here and not by its arguments, its
 * annotations or its headers. Faults are kept for after the decision. An unknown name is described like
 * any other, with nothing known of it, so that it takes the same path.
 */
export function createCatalogue(serverName: string, tools: readonly Tool[]): Catalogue {
  const entries = new Map(tools.map((tool) => [tool.name, entryOf(serverName, tool)]))
  const listings = new Map(tools.map((tool) => [tool.name, listingOf(tool)]))
  const server: Resource = { type: 'server', id: serverName, properties: {} }
  const items = [...entries.values()].map(({ resource }) => resource)
  const nothing = { faults: [], mismatched: [], arguments: {}, items: [] }

  return {
    describe: (call) => {
      switch (call.target.type) {
        case 'server':
          return { ...nothing, known: true, resource: server }
        case 'tools':
          return { ...nothing, known: true, resource: server, items }
        case 'tool': {
          const { name } = call.target
          const unknown = { type: 'tool', id: name, properties: {} }
          return (
            entries.get(name)?.describe(call, call.target.arguments) ?? { ...nothing, known: false, resource: unknown }
          )
        }
      }
    },
    listing: (name) => listings.get(name),
    names: [...entries.keys()],
  }
}

function entryOf(serverName: string, tool: Tool): CatalogueEntry {
  const read = createArgumentReader(tool)
  const mirrored = mirroredArguments(tool.input)
  const properties = {
    server: serverName,
    read_only: tool.readOnly,
    access: [...new Set(Object.values(tool.paths))].sort(),
    tags: [...tool.tags],
  }
  const resource: Resource = { type: 'tool', id: tool.name, properties }
  return {
    resource,
    describe: (call, sent) => {
      const { faults, args, shown, paths } = read(sent)
      const sound = faults.length === 0
      return {
        known: true,
        resource: sound ? { ...resource, properties: { ...properties, arguments: shown, paths } } : resource,
        faults,
        mismatched: call.era === 'modern' ? mismatches(mirrored, sent, call.mirrored) : [],
        arguments: args,
        items: [],
      }
    },
  }
}

function listingOf(tool: Tool): JsonObject {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: plain(tool.input),
    outputSchema: plain(tool.output),
    annotations: { title: tool.title, readOnlyHint: tool.readOnly, openWorldHint: false },
  }
}

/** A schema without the markers that TypeBox keeps beside its JSON. */
const plain = (schema: TSchema): JsonObject => JSON.parse(JSON.stringify(schema))
