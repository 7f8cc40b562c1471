import type { Refusal } from './refusal.ts'

type Read = { readonly ok: true; readonly value: Uint8Array } | { readonly ok: false; readonly error: Refusal }

/** A request to the MCP endpoint, before anybody trusted anything in it. */
export type Exchange = {
  /** Upper case, as sent. */
  readonly httpMethod: string
  /** Ours, a UUIDv7; never taken from the request. */
  readonly requestId: string
  /** From `traceparent`, when it is well formed: correlation only. */
  readonly traceId?: string
  /** The peer, or what a trusted proxy says it is. */
  readonly address: string
  /** The `Authorization` header as sent; if it came twice, both joined by a comma. */
  readonly authorization?: string
  /** Lower-case `mcp-*` headers, each at most once. */
  readonly mcpHeaders: ReadonlyMap<string, string>
  /** Reads the body once; stops at the size limit and at the deadline. */
  readonly body: () => Promise<Read>
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}
