import { parseResourceUri, parseResourceUriTemplate, type ResourceUri } from '../lib/resource-uri.ts'
import type { Described } from '../model/described.ts'
import type { JsonObject } from '../model/json.ts'
import type { Offer } from '../model/offer.ts'
import type { Resource } from '../model/resource.ts'
import type { ResourceDefinition, ResourceTemplate } from '../model/resource-definition.ts'

/** What the catalogue knows of resources. */
export type ResourceShelf = {
  /** Of a list: without `arguments`. */
  readonly resources: readonly Resource[]
  readonly templates: readonly Resource[]
  readonly describe: (uri: string) => Described
  readonly template: (uriTemplate: string) => Resource | undefined
  readonly listing: (type: 'resources' | 'resource_templates', id: string) => JsonObject | undefined
}

type Known = { readonly properties: Resource['properties']; readonly from?: From }
type From = { readonly template: string; readonly variables: Readonly<Record<string, string>> }

/**
 * Resources by their canonical URI: the one that policy decides on is the one that is read. One that is written
 * in no such form is described like any unknown one.
 */
export function resourceShelf(
  serverName: string,
  { resources, resourceTemplates }: Pick<Offer, 'resources' | 'resourceTemplates'>,
): ResourceShelf {
  const vouched = (tags: readonly string[]) => ({ server: serverName, read_only: true, tags: [...tags] })
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]))
  const byTemplate = new Map(resourceTemplates.map((template) => [template.uriTemplate, template]))
  const matchers = resourceTemplates.flatMap((template) => {
    const parsed = parseResourceUriTemplate(template.uriTemplate)
    return parsed.ok ? [{ template, match: parsed.value.match }] : []
  })

  const itemOf = (resource: ResourceDefinition): Resource => {
    const uri = parseResourceUri(resource.uri)
    const properties = { ...vouched(resource.tags), ...(uri.ok && { uri: partsOf(uri.value) }) }
    return { type: 'resource', id: resource.uri, properties }
  }
  const templateOf = ({ uriTemplate, tags }: ResourceTemplate): Resource => ({
    type: 'resource_template',
    id: uriTemplate,
    properties: vouched(tags),
  })

  function find(uri: ResourceUri): Known | undefined {
    const exact = byUri.get(uri.canonical)
    if (exact !== undefined) return { properties: { ...vouched(exact.tags), uri: partsOf(uri) } }
    for (const { template, match } of matchers) {
      const variables = match(uri)
      if (variables === undefined) continue
      const from = { template: template.uriTemplate, variables }
      return { properties: { ...vouched(template.tags), uri: partsOf(uri), template: from.template }, from }
    }
    return undefined
  }

  return {
    resources: resources.map(itemOf),
    templates: resourceTemplates.map(templateOf),
    describe: (written) => {
      const uri = parseResourceUri(written)
      const known = uri.ok ? find(uri.value) : undefined
      const nothing = { faults: [], mismatched: [], items: [] }
      if (!uri.ok || known === undefined) {
        return { ...nothing, known: false, resource: { type: 'resource', id: written, properties: {} }, arguments: {} }
      }
      const id = uri.value.canonical
      return {
        ...nothing,
        known: true,
        resource: { type: 'resource', id, properties: { ...known.properties, arguments: {} } },
        arguments: { uri: id, ...(known.from && { from: known.from }) },
      }
    },
    template: (uriTemplate) => {
      const template = byTemplate.get(uriTemplate)
      return template && templateOf(template)
    },
    listing: (type, id) => {
      if (type === 'resources') {
        const resource = byUri.get(id)
        return resource && { uri: id, ...shownOf(resource) }
      }
      const template = byTemplate.get(id)
      return template && { uriTemplate: id, ...shownOf(template) }
    },
  }
}

const partsOf = ({ scheme, host, segments }: ResourceUri) => ({ scheme, host, segments: [...segments] })

const shownOf = ({ name, title, description, mimeType }: ResourceDefinition | ResourceTemplate): JsonObject => ({
  name,
  title,
  description,
  mimeType,
})
