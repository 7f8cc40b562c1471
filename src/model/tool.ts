import type { Static, TSchema } from 'typebox'
import type { Access } from './resource.ts'
import type { Workspace } from './workspace.ts'

/** The faults a tool may end with: values, not exceptions. The texts the caller sees are fixed. */
export const FAULTS = {
  not_found: 'No such file or directory',
  not_a_file: 'Not a regular file',
  not_a_directory: 'Not a directory',
  too_large: 'Larger than this tool takes',
  already_exists: 'The file exists already; set overwrite to replace it',
  invalid_range: 'The range lies outside the file',
  timed_out: 'The tool ran out of time',
} as const
export type FaultCode = keyof typeof FAULTS

/**
 * A fault. `confined` marks what the workspace refused to open (a link, a device, a place outside the
 * obligation): the caller sees `not_found`, the record says `confined`, and nothing is charged.
 */
export type Fault = { readonly code: FaultCode; readonly confined: boolean }
export const fault = (code: FaultCode): { readonly ok: false; readonly error: Fault } => ({
  ok: false,
  error: { code, confined: false },
})

export type ToolResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Fault }

/** What a tool may touch: never the request, the token or the policy. */
export type Capabilities = {
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
  readonly output: O
  readonly readOnly: boolean
  readonly tags: readonly string[]
  /** True: gets the confined workspace. */
  readonly workspace: boolean
  /** JSON pointers of path arguments; a `*` member means each element of an array. */
  readonly paths: Readonly<Record<string, Access>>
  /** JSON pointers of string arguments that reach policy and log only as bytes and sha256. */
  readonly payload: readonly string[]
  run(args: Static<I>, capabilities: Capabilities): Promise<ToolResult<Static<O>>>
}
