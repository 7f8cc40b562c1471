import type { ToolResult } from './fault.ts'
import type { Complete } from './prompt.ts'
import type { Capabilities } from './tool.ts'

/** What stands at a URI, before it is framed. */
export type ResourceBody = ({ readonly text: string } | { readonly bytes: Uint8Array }) & {
  /** Where it differs from that of the definition. */
  readonly mimeType?: string
}

type Shown = {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
  readonly tags: readonly string[]
}

/** A resource at one URI, in its canonical form. */
export type ResourceDefinition = Shown & {
  readonly uri: string
  read(capabilities: Capabilities): Promise<ToolResult<ResourceBody>>
}

/** Resources whose URI has variables: each takes the place of one whole segment. */
export type ResourceTemplate = Shown & {
  readonly uriTemplate: string
  readonly complete: Readonly<Record<string, Complete>>
  read(variables: Readonly<Record<string, string>>, capabilities: Capabilities): Promise<ToolResult<ResourceBody>>
}
