import type { ClientCapability, LogLevel } from './caller.ts'
import type { JsonObject } from './json.ts'
import type { Refusal } from './refusal.ts'

/** legacy: MCP 2025-11-25 and before, opened by `initialize`. modern: 2026-07-28, every request on its own. */
export type Era = 'legacy' | 'modern'

/** What is answered in pages. */
export type ListName = 'tools' | 'prompts' | 'resources' | 'resource_templates'

/** What a message is about: the noun that the catalogue describes and the policy decides on. */
export type Target =
  | { readonly type: 'server' }
  | { readonly type: ListName; readonly cursor?: string }
  | { readonly type: 'tool' | 'prompt'; readonly name: string; readonly arguments: JsonObject }
  | { readonly type: 'resource'; readonly uri: string }
  | { readonly type: 'completion'; readonly of: CompletionRef; readonly arguments: CompletionArguments }
  | { readonly type: 'subscription'; readonly filter: SubscriptionFilter }

/** Whose argument is completed: a prompt by name, or a template by its text. */
export type CompletionRef = { readonly type: 'prompt' | 'resource_template'; readonly id: string }

/** The argument that is being typed, and those that stand already. */
export type CompletionArguments = {
  readonly name: string
  readonly value: string
  readonly given: Readonly<Record<string, string>>
}

/** What a client wants to be told of (2026-07-28, basic/patterns/subscriptions). */
export type SubscriptionFilter = {
  readonly toolsListChanged: boolean
  readonly promptsListChanged: boolean
  readonly resourcesListChanged: boolean
  readonly uris: readonly string[]
}

/** What a client answered to what an earlier answer asked it for. Words of the caller, all of it. */
export type InputAnswers = {
  readonly responses: Readonly<Record<string, JsonObject>>
  /** Sealed by us, if it is what it should be. */
  readonly state?: string
}

/** One MCP message, parsed strictly and classified once. Nothing after this step sees the bytes or the headers. */
export type McpCall = {
  readonly era: Era
  readonly protocolVersion: string
  /** Absent on a notification. */
  readonly id?: string | number
  readonly method: string
  readonly target: Target
  /** `params` without what travels in `target` and comes back decided. */
  readonly params: JsonObject
  /** What the client of the modern era can be asked for. */
  readonly capabilities?: Readonly<Partial<Record<ClientCapability, JsonObject>>>
  readonly answers?: InputAnswers
  /** Least severity of the log messages that the client wants, of a modern call. */
  readonly logLevel?: LogLevel
  /** `Mcp-Param-*` headers of the modern era, lower-case name → value as sent; compared, never evaluated. */
  readonly mirrored: ReadonlyMap<string, string>
  /** Size of the request body. */
  readonly bytes: number
}

/** A message that could not be taken, with what could be read of it for the answer. */
export type Unreadable<R extends Refusal = Refusal> = Pick<McpCall, 'era'> & {
  readonly refusal: R
  readonly id?: string | number
  readonly method?: string
}
