import { Type } from 'typebox'
import { fromCursor, toCursor } from '../lib/cursor.ts'
import { toSegments } from '../lib/path-segments.ts'
import { ok } from '../lib/result.ts'
import { fault } from '../model/fault.ts'
import { defineTool, WorkspacePath } from './define.ts'
import { trimSlashes, walkTree } from './tree.ts'

/** The cursor is the last path shown, below the directory listed: nothing is kept between pages. */
const lastShown = (cursor: string): readonly string[] | undefined => {
  const path = fromCursor(cursor)
  if (path === '' || toCursor(path) !== cursor) return undefined
  const segments = toSegments(path)
  return segments.ok ? segments.value : undefined
}

const ListedEntry = Type.Object(
  {
    path: Type.String({ description: 'From the root of the workspace' }),
    kind: Type.Enum(['file', 'directory'], { type: 'string' }),
    size: Type.Integer({ minimum: 0, description: 'Bytes; 0 for a directory' }),
    modified: Type.String({ description: 'RFC 3339' }),
  },
  { additionalProperties: false },
)

export const listFiles = defineTool({
  name: 'listFiles',
  title: 'List files',
  description:
    'Lists the files and directories of a directory that you may open, sorted by name, on request with those of its subdirectories. When next_cursor is present there are more: call again with cursor set to it and everything else the same.',
  input: Type.Object(
    {
      path: Type.Optional(Type.String({ ...WorkspacePath, default: '' })),
      depth: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 8,
          default: 1,
          description: '1: the directory alone; 2: one level more; …',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 200, description: 'Entries at a time' })),
      cursor: Type.Optional(
        Type.String({ minLength: 1, maxLength: 6144, description: 'next_cursor of the last answer' }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object(
    { entries: Type.Array(ListedEntry), next_cursor: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
  readOnly: true,
  tags: ['files'],
  workspace: true,
  paths: { '/path': 'list' },
  run: async ({ path = '', depth = 1, limit = 200, cursor }, { workspace, signal }) => {
    const after = cursor === undefined ? [] : lastShown(cursor)
    if (after === undefined) return fault('invalid_range')
    const listed = await workspace.list(path)
    if (!listed.ok) return listed

    const directory = trimSlashes(path)
    const found: { path: string; kind: 'file' | 'directory'; size: number; modified: string }[] = []
    for await (const { path, entry } of walkTree(workspace, { path: directory, entries: listed.value }, depth, after)) {
      if (signal.aborted) return fault('timed_out')
      const last = found.at(-1)
      if (last !== undefined && found.length === limit) {
        const shown = directory === '' ? last.path : last.path.slice(directory.length + 1)
        return ok({ entries: found, next_cursor: toCursor(shown) })
      }
      found.push({ path, kind: entry.kind, size: entry.size, modified: entry.modified })
    }
    return ok({ entries: found })
  },
})
