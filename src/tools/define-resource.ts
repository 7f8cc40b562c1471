import { parseResourceUri, parseResourceUriTemplate } from '../lib/resource-uri.ts'
import type { Complete } from '../model/prompt.ts'
import type { ResourceDefinition, ResourceTemplate } from '../model/resource-definition.ts'

type Optional = 'tags'
type TemplateOptional = Optional | 'complete'

export type ResourceInput = Omit<ResourceDefinition, Optional> & Partial<Pick<ResourceDefinition, Optional>>
export type ResourceTemplateInput = Omit<ResourceTemplate, TemplateOptional> &
  Partial<Pick<ResourceTemplate, TemplateOptional>>

// Registered, not private: a module may resolve another copy of this package than the server runs.
const RESOURCE = Symbol.for('portcullis.resource')
const TEMPLATE = Symbol.for('portcullis.resource_template')

const has = (value: unknown, brand: symbol) => typeof value === 'object' && value !== null && brand in value

/** True for what `defineResource` made. */
export const isResource = (value: unknown): value is ResourceDefinition => has(value, RESOURCE)

/** True for what `defineResourceTemplate` made. */
export const isResourceTemplate = (value: unknown): value is ResourceTemplate => has(value, TEMPLATE)

/** Makes a resource, or throws a TypeError with everything that is wrong with its definition. */
export function defineResource(definition: ResourceInput): ResourceDefinition {
  const resource: ResourceDefinition = { ...definition, tags: Object.freeze([...(definition.tags ?? [])]) }
  const uri = parseResourceUri(resource.uri)
  const faults = shownFaults(resource)
  if (!uri.ok) faults.push(`uri: ${uri.error}`)
  else if (uri.value.canonical !== resource.uri) faults.push(`uri: write it as ${uri.value.canonical}`)
  if (faults.length > 0)
    throw new TypeError(`defineResource ${JSON.stringify(resource.uri)}:\n  ${faults.join('\n  ')}`)
  return Object.freeze(Object.defineProperty(resource, RESOURCE, { value: true }))
}

/** Makes a resource template, or throws a TypeError with everything that is wrong with its definition. */
export function defineResourceTemplate(definition: ResourceTemplateInput): ResourceTemplate {
  const complete: Readonly<Record<string, Complete>> = Object.freeze({ ...definition.complete })
  const template: ResourceTemplate = { ...definition, complete, tags: Object.freeze([...(definition.tags ?? [])]) }
  const parsed = parseResourceUriTemplate(template.uriTemplate)
  const faults = shownFaults(template)
  if (!parsed.ok) faults.push(`uriTemplate: ${parsed.error}`)
  else {
    const { names } = parsed.value
    const unknown = Object.keys(complete).filter((name) => !names.includes(name))
    faults.push(...unknown.map((name) => `complete: ${name} is no variable`))
  }
  if (faults.length > 0) {
    throw new TypeError(`defineResourceTemplate ${JSON.stringify(template.uriTemplate)}:\n  ${faults.join('\n  ')}`)
  }
  return Object.freeze(Object.defineProperty(template, TEMPLATE, { value: true }))
}

function shownFaults(shown: Pick<ResourceDefinition, 'name' | 'title' | 'mimeType'>): string[] {
  const members = ['name', 'title', 'mimeType'] as const
  return members.filter((member) => shown[member] === '').map((member) => `${member}: must not be empty`)
}
