import type { Prompt } from './prompt.ts'
import type { ResourceDefinition, ResourceTemplate } from './resource-definition.ts'
import type { Tool } from './tool.ts'

/** Everything a server has to offer, before policy says to whom. */
export type Offer = {
  readonly tools: readonly Tool[]
  readonly prompts: readonly Prompt[]
  readonly resources: readonly ResourceDefinition[]
  readonly resourceTemplates: readonly ResourceTemplate[]
}

export const NO_OFFER: Offer = { tools: [], prompts: [], resources: [], resourceTemplates: [] }
