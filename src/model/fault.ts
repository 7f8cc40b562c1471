/** The faults a tool may end with: values, not exceptions. The texts the caller sees are fixed. */
export const FAULTS = {
  not_found: 'No such file or directory',
  not_a_file: 'Not a regular file',
  not_a_directory: 'Not a directory',
  too_large: 'Larger than this tool takes',
  already_exists: 'The file exists already; set overwrite to replace it',
  invalid_range: 'The range lies outside the file',
  timed_out: 'The tool ran out of time',
  input_unavailable: 'This asks for input, which only a client of MCP 2026-07-28 can be asked for',
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
