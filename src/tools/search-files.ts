import { isUtf8 } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { type Static, Type } from 'typebox'
import { compileGlob, MAX_GLOB_LENGTH } from '../lib/glob.ts'
import { ok } from '../lib/result.ts'
import { fault } from '../model/fault.ts'
import type { Workspace } from '../model/workspace.ts'
import { defineTool, WorkspacePath } from './define.ts'
import { type Found, trimSlashes, walkTree } from './tree.ts'

// Budgets of one search: about two seconds of work, in slices between which other calls run.
const MAX_ENTRIES = 20_000
const MAX_BYTES = 64 * 1024 * 1024
const MAX_FILE_BYTES = 4 * 1024 * 1024
const MAX_DEPTH = 32
const SLICE = 64
const MAX_EXCERPT = 200

const Match = Type.Object(
  {
    path: Type.String({ description: 'From the root of the workspace' }),
    line: Type.Optional(Type.Integer({ minimum: 1 })),
    text: Type.Optional(Type.String({ description: 'The line, or the part of it around the text' })),
  },
  { additionalProperties: false },
)
type Match = Static<typeof Match>

/** Part of a line around what was found, without half characters at its ends. */
const excerpt = (content: string, start: number, end: number, found: number) => {
  const from = Math.max(start, Math.min(found - MAX_EXCERPT / 4, end - MAX_EXCERPT))
  return content.slice(from, Math.min(end, from + MAX_EXCERPT)).replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$|\r$/g, '')
}

/** Lines that contain the text, at most `limit`. Compared literally: nothing to backtrack in. */
const matchLines = (path: string, content: string, text: string, limit: number): readonly Match[] => {
  const matches: Match[] = []
  let line = 1
  let counted = 0
  for (let found = content.indexOf(text); found !== -1 && matches.length < limit; ) {
    for (
      let next = content.indexOf('\n', counted);
      next !== -1 && next < found;
      next = content.indexOf('\n', counted)
    ) {
      line += 1
      counted = next + 1
    }
    const newline = content.indexOf('\n', found)
    const end = newline === -1 ? content.length : newline
    matches.push({ path, line, text: excerpt(content, counted, end, found) })
    found = newline === -1 ? -1 : content.indexOf(text, newline + 1)
  }
  return matches
}

type Search = { readonly matches: Match[]; bytes: number; truncated: boolean }

const searchIn = async (workspace: Workspace, { path, entry }: Found, text: string, limit: number, search: Search) => {
  if (entry.size > MAX_FILE_BYTES || search.bytes + entry.size > MAX_BYTES) {
    search.truncated = true
    return
  }
  const read = await workspace.read(path, { offset: 0, length: MAX_FILE_BYTES, limit: MAX_FILE_BYTES })
  if (!read.ok) return
  const bytes = Buffer.from(read.value.bytes.buffer, read.value.bytes.byteOffset, read.value.bytes.length)
  search.bytes += bytes.length
  if (!bytes.includes(text) || bytes.includes(0) || !isUtf8(bytes)) return
  search.matches.push(...matchLines(path, bytes.toString('utf8'), text, limit + 1 - search.matches.length))
}

const SearchInput = Type.Object(
  {
    path: Type.Optional(Type.String({ ...WorkspacePath, default: '' })),
    glob: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_GLOB_LENGTH,
        description: 'Names to look at: "*.md" anywhere, "src/**/*.ts" from path on. * and ? within a name, ** across.',
      }),
    ),
    text: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'Literal text that a line contains; not a pattern' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Matches at most' })),
  },
  { additionalProperties: false },
)

export const searchFiles = defineTool({
  name: 'searchFiles',
  title: 'Search files',
  description:
    'Finds files by name (glob), or lines that contain a text (text), or both, below a directory. Looks only at what you may read; skips binary files. truncated: true means that not everything was looked at or shown: narrow path or glob.',
  input: Type.Refine(
    Type.Refine(
      SearchInput,
      ({ glob, text }) => glob !== undefined || text !== undefined,
      () => 'must have glob or text or both',
    ),
    ({ glob }) => glob === undefined || compileGlob(glob).ok,
    () => 'must have a glob with at most 16 wildcards',
  ),
  output: Type.Object({ matches: Type.Array(Match), truncated: Type.Boolean() }, { additionalProperties: false }),
  readOnly: true,
  tags: ['files'],
  workspace: true,
  paths: { '/path': 'list' },
  run: async ({ path = '', glob = '**', text, limit = 50 }, { workspace, signal }) => {
    const compiled = compileGlob(glob)
    if (!compiled.ok) throw new TypeError(compiled.error)
    const matchesName = compiled.value
    const listed = await workspace.list(path)
    if (!listed.ok) return listed

    const directory = trimSlashes(path)
    const search: Search = { matches: [], bytes: 0, truncated: false }
    let looked = 0
    for await (const found of walkTree(workspace, { path: directory, entries: listed.value }, MAX_DEPTH)) {
      if (looked++ % SLICE === 0) await setImmediate()
      if (signal.aborted) return fault('timed_out')
      if (looked > MAX_ENTRIES) search.truncated = true
      if (looked > MAX_ENTRIES || search.matches.length > limit) break
      if (found.depth === MAX_DEPTH && found.entry.kind === 'directory') search.truncated = true
      if (found.entry.kind === 'directory') continue
      const below = directory === '' ? found.path : found.path.slice(directory.length + 1)
      // As in .gitignore, a glob without a slash is for names at any depth.
      if (!matchesName(glob.includes('/') ? below : found.entry.name)) continue
      if (text === undefined) search.matches.push({ path: found.path })
      else await searchIn(workspace, found, text, limit, search)
    }
    const truncated = search.truncated || search.matches.length > limit
    return ok({ matches: search.matches.slice(0, limit), truncated })
  },
})
