import { fstatSync, opendirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { isSegment } from '../../lib/path-segments.ts'
import { ok } from '../../lib/result.ts'
import { fault, type ToolResult } from '../../model/fault.ts'
import type { Entry } from '../../model/workspace.ts'
import type { Boundary } from './boundary.ts'
import type { WorkspaceRoot } from './root.ts'
import { at, CONFINED, isPlainFile, lookAt, openDirectory, release, systemCode } from './walk.ts'

const MAX_ENTRIES = 100_000
/** Entries between two turns of the event loop: about 2 ms of system calls. */
const SLICE = 512
/** The last instant that RFC 3339 can write. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const namesIn = async (directory: number): Promise<string[] | undefined> => {
  const opened = opendirSync(at(directory, '.'), { bufferSize: SLICE })
  try {
    const names: string[] = []
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      if (names.length === MAX_ENTRIES) return undefined
      names.push(entry.name)
      if (names.length % SLICE === 0) await setImmediate()
    }
    return names
  } finally {
    opened.closeSync()
  }
}

const look = (directory: number, name: string) => {
  try {
    return lookAt(directory, name)
  } catch (error) {
    if (systemCode(error) === 'EACCES') return undefined
    throw error
  }
}

const entryAt = (root: WorkspaceRoot, boundary: Boundary, directory: number, segments: readonly string[]) => {
  const name = segments.at(-1) ?? ''
  const stats = look(directory, name)
  if (stats === undefined) return undefined
  const modified = new Date(Math.min(Math.max(stats.mtimeMs, 0), LATEST)).toISOString()
  if (isPlainFile(root, stats)) {
    return boundary.readable(segments) ? ({ name, kind: 'file', size: stats.size, modified } as const) : undefined
  }
  return stats.isDirectory() && stats.dev === root.dev
    ? ({ name, kind: 'directory', size: 0, modified } as const)
    : undefined
}

/** Shows a file only if its read, a directory only if its listing is open. */
export const listDirectory = async (
  root: WorkspaceRoot,
  boundary: Boundary,
  segments: readonly string[],
): Promise<ToolResult<readonly Entry[]>> => {
  const opened = openDirectory(root, segments)
  if (!opened.ok) return opened
  const directory = opened.value
  try {
    if (fstatSync(directory).dev !== root.dev) return CONFINED
    const names = await namesIn(directory)
    if (names === undefined) return fault('too_large')
    const entries: Entry[] = []
    for (const [i, name] of names.sort().entries()) {
      if (i % SLICE === SLICE - 1) await setImmediate()
      // Names that are not UTF-8 arrive with U+FFFD and may then repeat one that is.
      if (name === names[i - 1]) continue
      const child = [...segments, name]
      // Before looking: closed names cost the same whether they exist as files or links.
      if (!isSegment(name) || !boundary.listable(child)) continue
      const entry = entryAt(root, boundary, directory, child)
      if (entry !== undefined) entries.push(entry)
    }
    return ok(entries)
  } finally {
    release(root, directory)
  }
}
