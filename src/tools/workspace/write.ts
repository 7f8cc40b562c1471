import { randomBytes } from 'node:crypto'
import { constants, fstatSync, linkSync, renameSync, type Stats, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { ok } from '../../lib/result.ts'
import { fault, type ToolResult } from '../../model/fault.ts'
import { TEMPORARY_PREFIX } from './boundary.ts'
import type { WorkspaceRoot } from './root.ts'
import { at, CONFINED, isPlainFile, lookAt, openDirectory, refusalOf, release, systemCode } from './walk.ts'

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** Never executable, never for everybody. */
const NEW_MODE = 0o640

const writeWhole = async (path: string, bytes: Uint8Array, replaced: Stats | undefined) => {
  const file = await open(path, NEW, NEW_MODE)
  try {
    await file.writeFile(bytes)
    if (replaced !== undefined) await file.chmod(replaced.mode & 0o666)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives the finished file its name: link(2) fails where rename(2) would replace, so one of two creators wins. */
const publish = (directory: number, temporary: string, name: string, overwrite: boolean): ToolResult<unknown> => {
  try {
    if (overwrite) renameSync(at(directory, temporary), at(directory, name))
    else linkSync(at(directory, temporary), at(directory, name))
    return ok(undefined)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') return fault('already_exists')
    if (code === 'EISDIR') return fault('not_a_file')
    throw error
  }
}

const removeTemporary = (path: string) => {
  try {
    unlinkSync(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

const writeIn = async (
  root: WorkspaceRoot,
  directory: number,
  name: string,
  bytes: Uint8Array,
  overwrite: boolean,
): Promise<ToolResult<{ created: boolean }>> => {
  const existing = lookAt(directory, name)
  if (existing?.isDirectory() && existing.dev === root.dev) return fault('not_a_file')
  // A link is refused, never written through nor replaced.
  if (existing !== undefined && !isPlainFile(root, existing)) return CONFINED
  if (existing !== undefined && !overwrite) return fault('already_exists')

  const temporary = `${TEMPORARY_PREFIX}${randomBytes(16).toString('hex')}`
  try {
    await writeWhole(at(directory, temporary), bytes, existing)
    const published = publish(directory, temporary, name, overwrite)
    return published.ok ? ok({ created: existing === undefined }) : published
  } finally {
    removeTemporary(at(directory, temporary))
  }
}

/** Creates or replaces a file as a whole or not at all; a full disk leaves the old content. */
export const writeFileAt = async (
  root: WorkspaceRoot,
  segments: readonly string[],
  bytes: Uint8Array,
  overwrite: boolean,
): Promise<ToolResult<{ created: boolean }>> => {
  const name = segments.at(-1)
  if (name === undefined) return fault('not_a_file')
  const opened = openDirectory(root, segments.slice(0, -1))
  if (!opened.ok) return opened
  const directory = opened.value
  try {
    if (fstatSync(directory).dev !== root.dev) return CONFINED
    return await writeIn(root, directory, name, bytes, overwrite)
  } catch (error) {
    return refusalOf(error, directory, name)
  } finally {
    release(root, directory)
  }
}
