import { toSegments } from '../../lib/path-segments.ts'
import type { Confine } from '../../model/decision.ts'
import { fault } from '../../model/fault.ts'
import type { Workspace } from '../../model/workspace.ts'
import { createBoundary } from './boundary.ts'
import { listDirectory } from './list.ts'
import { readRange } from './read.ts'
import type { WorkspaceRoot } from './root.ts'
import { CONFINED } from './walk.ts'
import { writeFileAt } from './write.ts'

/** The workspace as a decision leaves it open. Whatever it refuses reads `not_found`. */
export const confine = (root: WorkspaceRoot, obligations: readonly Confine[]): Workspace => {
  const boundary = createBoundary(obligations)
  return {
    read: async (path, range) => {
      const segments = toSegments(path)
      if (!segments.ok || !boundary.readable(segments.value)) return CONFINED
      const result = await readRange(root, segments.value, range)
      // POSIX: a name with a trailing slash is a directory.
      return result.ok && path.endsWith('/') ? fault('not_a_directory') : result
    },
    list: async (path) => {
      const segments = toSegments(path)
      if (!segments.ok || !boundary.listable(segments.value)) return CONFINED
      return listDirectory(root, boundary, segments.value)
    },
    write: async (path, bytes, { overwrite }) => {
      const segments = toSegments(path)
      if (!segments.ok || !boundary.writable(segments.value)) return CONFINED
      if (path.endsWith('/')) return fault('not_a_file')
      return writeFileAt(root, segments.value, bytes, overwrite)
    },
  }
}

/** For tools that work on no files. */
export const CLOSED_WORKSPACE: Workspace = {
  read: async () => CONFINED,
  list: async () => CONFINED,
  write: async () => CONFINED,
}
