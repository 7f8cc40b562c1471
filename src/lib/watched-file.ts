import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorCode } from './error-code.ts'
import { err, ok, type Result } from './result.ts'

/** A file as last read. The same object comes back until the file changes. */
export type FileContent = { readonly text: string }

export type WatchedFile = () => Promise<Result<FileContent, string>>

/** Reads a small text file again when it changes: looked at once per `interval` at most, by one reader at a time. */
export function watchFile(options: {
  readonly path: string
  readonly maxBytes: number
  readonly now: () => number
  readonly interval?: number
}): WatchedFile {
  const { path, maxBytes, now, interval = 1000 } = options
  let stamp = ''
  let last: Result<FileContent, string> = err(`${path} has not been read`)
  let looked = Number.NEGATIVE_INFINITY
  let looking: Promise<Result<FileContent, string>> | undefined

  const look = async (): Promise<Result<FileContent, string>> => {
    try {
      // O_NONBLOCK: opening a FIFO must not wait for a writer.
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        // The stamp is taken before the bytes: a write in between shows as a change at the next look.
        const stat = await file.stat({ bigint: true })
        const seen = `${stat.ino}:${stat.size}:${stat.mtimeNs}`
        if (seen === stamp && last.ok) return last
        if (!stat.isFile()) return err(`${path} is not a regular file`)
        if (stat.size > maxBytes) return err(`${path} is larger than ${maxBytes} bytes`)
        const text = await file.readFile('utf8')
        stamp = seen
        return ok({ text })
      } finally {
        await file.close()
      }
    } catch (error) {
      return err(`${path} cannot be read (${errorCode(error)})`)
    }
  }

  return () => {
    if (looking !== undefined) return looking
    if (Math.abs(now() - looked) < interval) return Promise.resolve(last)
    looked = now()
    looking = look().then((result) => {
      last = result
      looking = undefined
      return result
    })
    return looking
  }
}
