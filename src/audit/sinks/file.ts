import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '../../lib/error-code.ts'
import { createLineWriter, type LineWriter, writeNow } from './descriptor.ts'
import type { RecordSink } from './sink.ts'

type Opened = { readonly file: FileHandle; readonly writeLines: LineWriter; size: number }

const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
/** Non-blocking only so that opening a FIFO fails instead of waiting for its reader. */
const HOW = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK

/**
 * A file, owner only. At `maxBytes` it becomes `path.1`, that one `path.2`, up to `path.<keep>`; the
 * oldest goes. No link is followed, or whoever may write in the directory could aim the log elsewhere.
 */
export const createFileSink = async (options: {
  readonly path: string
  readonly maxBytes: number
  readonly keep: number
}): Promise<RecordSink> => {
  const { path, maxBytes, keep } = options
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  let current = await openLog(path)
  /** The old file is moved away, but the new one could not be opened yet. */
  let moved = false
  /** The number of a closed descriptor soon names another file or a socket. */
  let closed = false

  const replace = async () => {
    const opened = await openLog(path)
    await current.file.close()
    current = opened
  }

  const rotate = async () => {
    if (!moved) await makeWay(path, keep)
    moved = true
    await replace()
    moved = false
  }

  let last: Promise<void> = Promise.resolve()
  /** A file must not be closed under a write that is still going on. */
  const inTurn = (run: () => Promise<void>): Promise<void> => {
    last = last.then(run, run)
    return last
  }

  return {
    write: (chunk) =>
      inTurn(async () => {
        if (closed) throw new Error(`the decision log ${path} is closed`)
        if (current.size > 0 && current.size + Buffer.byteLength(chunk) > maxBytes) await rotate()
        current.size += await current.writeLines(chunk)
      }),
    close: () =>
      inTurn(async () => {
        if (closed) return
        closed = true
        await current.file.close()
      }),
    reopen: () => inTurn(async () => (closed ? undefined : replace())),
  }
}

/** As many as `log.max_files` may ask for. */
const MOST_KEPT = 1000

/** The files of a rotated log that exist or may exist, oldest first. */
export const logFiles = (path: string): readonly string[] =>
  Array.from({ length: MOST_KEPT + 1 }, (_, n) => numbered(path, MOST_KEPT - n))

const numbered = (path: string, n: number): string => (n === 0 ? path : `${path}.${n}`)

/** Moves each file one number up, as far as there are files: one that was moved by an attempt that failed stays. */
const makeWay = async (path: string, keep: number): Promise<void> => {
  let free = 1
  while (free < keep && (await isThere(numbered(path, free)))) free += 1
  for (let n = free; n > 0; n -= 1) await moveIfThere(numbered(path, n - 1), numbered(path, n))
}

const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return false
  }
}

const moveIfThere = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

const openLog = async (path: string): Promise<Opened> => {
  const file = await openFor(path)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error(`the decision log ${path} is not a regular file; name another path`)
    const last = Buffer.alloc(1)
    if (stat.size > 0) await file.read(last, 0, 1, stat.size - 1)
    const beginsMidLine = stat.size > 0 && last.toString() !== '\n'
    return { file, writeLines: createLineWriter(writeNow(file.fd), beginsMidLine), size: stat.size }
  } catch (error) {
    await file.close()
    throw error
  }
}

const openFor = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, O_RDWR | HOW, 0o600)
  } catch (error) {
    throw new Error(`cannot open the decision log ${path}: ${REMEDIES[errorCode(error)] ?? String(error)}`, {
      cause: error,
    })
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ELOOP: 'it is a symbolic link; name the file it points to',
  ENXIO: 'it is a pipe; name a regular file, or log to standard output',
  EISDIR: 'it is a directory; name a file in it',
  EACCES: 'permission denied; make it writable for this user',
}
