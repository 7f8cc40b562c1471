import type { Static, TSchema } from 'typebox'
import type { CallerLine, ClientCapability, InputRequired } from './caller.ts'
import type { ToolResult } from './fault.ts'
import type { Access } from './resource.ts'
import type { Workspace } from './workspace.ts'

/** What a tool may touch: never the request, the token or the policy. */
export type Capabilities = CallerLine & {
  /** The workspace as the decision confines it; one that opens nothing for tools without `workspace: true`. */
  readonly workspace: Workspace
  /** Aborted when the caller of the modern era has gone, or the server stops. */
  readonly signal: AbortSignal
}

/** A tool: schemas, what policy may know of it, and the function that runs once it is permitted. */
export type Tool<I extends TSchema = TSchema, O extends TSchema = TSchema> = {
  readonly name: string
  readonly title: string
  readonly description: string
  /** TypeBox object schema, closed (`additionalProperties: false`). */
  readonly input: I
  /** TypeBox object schema, or `Content` for what a model reads as it is. */
  readonly output: O
  readonly readOnly: boolean
  readonly tags: readonly string[]
  /** True: gets the confined workspace. */
  readonly workspace: boolean
  /** JSON pointers of path arguments; a `*` member means each element of an array. */
  readonly paths: Readonly<Record<string, Access>>
  /** JSON pointers of string arguments that reach policy and log only as bytes and sha256. */
  readonly payload: readonly string[]
  /** True: may ask its caller for input; what comes back to any other answers nothing. */
  readonly asks: boolean
  /** What the client must be able to be asked for. */
  readonly requires: readonly ClientCapability[]
  run(args: Static<I>, capabilities: Capabilities): Promise<ToolResult<Static<O>> | InputRequired>
}
