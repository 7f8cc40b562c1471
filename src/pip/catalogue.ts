import type { TSchema } from 'typebox'
import { fromCursor } from '../lib/cursor.ts'
import type { CompletionArguments, CompletionRef, ListName, McpCall } from '../model/call.ts'
import type { Described } from '../model/described.ts'
import type { JsonObject } from '../model/json.ts'
import { NO_OFFER, type Offer } from '../model/offer.ts'
import type { Resource } from '../model/resource.ts'
import type { Tool } from '../model/tool.ts'
import { createArgumentReader } from './arguments.ts'
import { mirroredArguments, mismatches } from './mirrored-arguments.ts'
import { promptEntry } from './prompts.ts'
import { resourceShelf } from './resources.ts'

/** What the catalogue keeps of one tool, compiled once. */
type CatalogueEntry = {
  /** The existence question: everything we vouch for, no arguments. */
  readonly resource: Resource
  readonly asks: boolean
  readonly requires: Tool['requires']
  readonly describe: (call: McpCall, args: JsonObject) => Described
}

export type Catalogue = {
  readonly describe: (call: McpCall) => Described
  /** What a list shows of one of its items. */
  readonly listing: (list: ListName, id: string) => JsonObject | undefined
  /** True for the URI of a resource that is there. */
  readonly offers: (uri: string) => boolean
  readonly names: readonly string[]
}

/**
 * What is called, in our own words: what a tool may do is said here and not by its arguments, its
 * annotations or its headers. Faults are kept for after the decision. An unknown name is described like
 * any other, with nothing known of it, so that it takes the same path.
 */
export function createCatalogue(
  serverName: string,
  tools: readonly Tool[],
  more: Omit<Offer, 'tools'> = NO_OFFER,
): Catalogue {
  const entries = new Map(tools.map((tool) => [tool.name, entryOf(serverName, tool)]))
  const listings = new Map(tools.map((tool) => [tool.name, listingOf(tool)]))
  const prompts = new Map(more.prompts.map((prompt) => [prompt.name, promptEntry(serverName, prompt)]))
  const shelf = resourceShelf(serverName, more)
  const server: Resource = { type: 'server', id: serverName, properties: {} }
  const items = {
    tools: [...entries.values()].map(({ resource }) => resource),
    prompts: [...prompts.values()].map(({ resource }) => resource),
    resources: shelf.resources,
    resource_templates: shelf.templates,
  }

  function completion(of: CompletionRef, { name, value }: CompletionArguments): Described {
    const { type, id } = of
    const described = type === 'prompt' ? prompts.get(id)?.resource : shelf.template(id)
    const found: Resource = described ?? { type, id, properties: {} }
    const action = type === 'prompt' ? 'prompts/get' : 'resources/read'
    return {
      ...NOTHING,
      known: described !== undefined,
      resource: { ...found, properties: { ...found.properties, arguments: { name, value } } },
      presupposed: { action, resource: found },
    }
  }

  function pageItems(list: ListName, cursor: string | undefined): Pick<Described, 'items' | 'page'> {
    const all = items[list]
    if (cursor === undefined) return { items: all, page: {} }
    const id = fromCursor(cursor)
    const at = all.findIndex((item) => item.id === id)
    const item = all[at] ?? { type: ITEM_TYPES[list], id, properties: {} }
    return { items: at === -1 ? [] : all.slice(at + 1), page: { after: { item, known: at !== -1 } } }
  }

  return {
    describe: (call) => {
      const { target } = call
      switch (target.type) {
        case 'server':
          return { ...NOTHING, known: true, resource: server }
        case 'tools':
        case 'prompts':
        case 'resources':
        case 'resource_templates':
          return { ...NOTHING, known: true, resource: server, ...pageItems(target.type, target.cursor) }
        case 'tool': {
          const entry = entries.get(target.name)
          if (entry === undefined) return unknown(target.type, target.name)
          return withRounds(entry.describe(call, target.arguments), entry, call)
        }
        case 'prompt': {
          const entry = prompts.get(target.name)
          if (entry === undefined) return unknown(target.type, target.name)
          return withRounds(entry.describe(target.arguments), entry, call)
        }
        case 'resource':
          return withRounds(shelf.describe(target.uri), NEVER_ASKS, call)
        case 'completion':
          return completion(target.of, target.arguments)
        case 'subscription': {
          const named = target.filter.uris.map((uri) => shelf.describe(uri).resource)
          return { ...NOTHING, known: true, resource: server, items: named }
        }
      }
    },
    listing: (list, id) => {
      switch (list) {
        case 'tools':
          return listings.get(id)
        case 'prompts':
          return prompts.get(id)?.listing
        case 'resources':
        case 'resource_templates':
          return shelf.listing(list, id)
      }
    },
    offers: (uri) => shelf.describe(uri).known,
    names: [...entries.keys()],
  }
}

const ITEM_TYPES: Readonly<Record<ListName, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  resource_templates: 'resource_template',
}

const NOTHING = { faults: [], mismatched: [], arguments: {}, items: [] }

const unknown = (type: 'tool' | 'prompt', id: string): Described => ({
  ...NOTHING,
  known: false,
  resource: { type, id, properties: {} },
})

const NEVER_ASKS = { asks: false, requires: [] }

/** What is to be known of a call that may take several rounds. On the legacy wire, where nobody is asked, it is one. */
function withRounds(
  described: Described,
  { asks, requires }: Pick<Tool, 'asks' | 'requires'>,
  { era, capabilities, answers }: McpCall,
): Described {
  if (era === 'legacy') return described
  const lacking = requires.filter((capability) => capabilities?.[capability] === undefined)
  return {
    ...described,
    ...(lacking.length > 0 && { lacking }),
    ...(answers !== undefined && !asks && { foreignState: true as const }),
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
    asks: tool.asks,
    requires: tool.requires,
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
  const output = plain(tool.output)
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: plain(tool.input),
    // content for a model has no schema of its own in the protocol
    ...(output['type'] === 'object' && { outputSchema: output }),
    annotations: { title: tool.title, readOnlyHint: tool.readOnly, openWorldHint: false },
  }
}

/** A schema without the markers that TypeBox keeps beside its JSON. */
const plain = (schema: TSchema): JsonObject => JSON.parse(JSON.stringify(schema))
