import { write, writeSync } from 'node:fs'
import { errorCode } from '../../lib/error-code.ts'

const NEWLINE = 0x0a
/** A pipe that is full, not one that is gone: its reader is slow. The log gives up before this does. */
const FULL_PIPE_PAUSE_MS = 5

/** One write(2): how many bytes were taken, 0 when a pipe is full just now. */
export type WriteOnce = (bytes: Uint8Array) => Promise<number>

/** Writes whole lines and answers how many bytes they took. */
export type LineWriter = (chunk: string) => Promise<number>

/** Finishes short writes, and puts what follows a line cut short on a line of its own. */
export const createLineWriter = (writeOnce: WriteOnce, beginsMidLine: boolean): LineWriter => {
  let midLine = beginsMidLine
  return async (chunk) => {
    const bytes = Buffer.from(midLine ? `\n${chunk}` : chunk)
    let offset = 0
    while (offset < bytes.length) {
      const written = await writeOnce(bytes.subarray(offset))
      if (written === 0) await pause()
      offset += written
      if (written > 0) midLine = bytes[offset - 1] !== NEWLINE
    }
    return bytes.length
  }
}

/**
 * On the event loop, for files: the page cache takes a line in 4 µs, the thread pool in 60 to 300 and with
 * the other core (measured), twice a call. A disk that hangs therefore stops the server: it refuses by silence.
 */
export const writeNow =
  (descriptor: number): WriteOnce =>
  async (bytes) => {
    try {
      return writeSync(descriptor, bytes)
    } catch (error) {
      if (errorCode(error) === 'EAGAIN') return 0
      throw error
    }
  }

/** Through the thread pool, for pipes: whoever reads them may stop, and that must not stop the process. */
export const writeTo =
  (descriptor: number): WriteOnce =>
  (bytes) =>
    new Promise((resolve, reject) => {
      write(descriptor, bytes, (error, written) => {
        if (error === null) resolve(written)
        else if (error.code === 'EAGAIN') resolve(0)
        else reject(error)
      })
    })

/** Keeps no process alive that has nothing else to do. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, FULL_PIPE_PAUSE_MS).unref())
