import type { JsonObject } from './json.ts'

/** legacy: MCP 2025-11-25 and before, opened by `initialize`. modern: 2026-07-28, every request on its own. */
export type Era = 'legacy' | 'modern'

/** What a message is about: the noun that the catalogue describes and the policy decides on. */
export type Target =
  | { readonly type: 'server' }
  | { readonly type: 'tools' }
  | { readonly type: 'tool'; readonly name: string; readonly arguments: JsonObject }

/** One MCP message, parsed strictly and classified once. Nothing after this step sees the bytes or the headers. */
export type McpCall = {
  readonly era: Era
  readonly protocolVersion: string
  /** Absent on a notification. */
  readonly id?: string | number
  readonly method: string
  readonly target: Target
  /** `params` without the arguments of a tool, which travel in `target` and come back decided. */
  readonly params: JsonObject
  /** `Mcp-Param-*` headers of the modern era, lower-case name → value as sent; compared, never evaluated. */
  readonly mirrored: ReadonlyMap<string, string>
  /** Size of the request body. */
  readonly bytes: number
}
