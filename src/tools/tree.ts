import type { Entry, Workspace } from '../model/workspace.ts'

export type Found = { readonly path: string; readonly depth: number; readonly entry: Entry }

/** A path as every answer writes it: no leading slash, none at the end. */
export const trimSlashes = (path: string): string => path.replace(/^\/|\/$/g, '')

/**
 * The entries of a directory and of those below it, each directory before its content, sorted by name.
 * `after` are the segments, below the directory, of the entry to go on after.
 */
export async function* walkTree(
  workspace: Workspace,
  directory: { readonly path: string; readonly entries: readonly Entry[] },
  maxDepth: number,
  after: readonly string[] = [],
  depth = 1,
): AsyncGenerator<Found> {
  const [next, ...below] = after
  for (const entry of directory.entries) {
    if (next !== undefined && entry.name < next) continue
    const isResumed = entry.name === next
    const path = directory.path === '' ? entry.name : `${directory.path}/${entry.name}`
    if (!isResumed) yield { path, depth, entry }
    if (entry.kind === 'file' || depth >= maxDepth) continue
    // A directory that has gone or closed since it was listed has nothing to show.
    const listed = await workspace.list(path)
    const entries = listed.ok ? listed.value : []
    yield* walkTree(workspace, { path, entries }, maxDepth, isResumed ? below : [], depth + 1)
  }
}
