import type { ToolResult } from './fault.ts'

export type Entry = {
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Bytes; 0 for a directory. */
  readonly size: number
  /** RFC 3339. */
  readonly modified: string
}

/**
 * A part of a directory tree. Paths are relative to its root and are the same that the policy decided
 * on, segment by segment. Nothing outside the part is ever opened: links, devices, other mounts and
 * closed names answer `not_found`.
 */
export interface Workspace {
  /** Reads `length` bytes from `offset`; a file above `limit` bytes in whole is `too_large`. */
  read(
    path: string,
    range: { offset: number; length: number; limit: number },
  ): Promise<ToolResult<{ bytes: Uint8Array; size: number }>>
  /** The entries of a directory whose read, or whose listing on the way to one, is open; sorted by name. */
  list(path: string): Promise<ToolResult<readonly Entry[]>>
  /** Creates or replaces a file as a whole or not at all. */
  write(path: string, bytes: Uint8Array, options: { overwrite: boolean }): Promise<ToolResult<{ created: boolean }>>
}
