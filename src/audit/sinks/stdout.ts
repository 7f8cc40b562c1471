import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { createLineWriter, writeTo } from './descriptor.ts'
import type { RecordSink } from './sink.ts'

/**
 * Standard output, or the descriptor given. Not `process.stdout`: Node writes to pipes synchronously there,
 * so that a reader which stops would stop us too.
 */
export const createStdoutSink = (descriptor = 1): RecordSink => {
  const reopened = reopenPipe(descriptor)
  const writeOnce = writeTo(reopened ?? descriptor)
  let closed = false
  // Asked before each part: the number of a closed descriptor soon names another file or a socket.
  const writeLines = createLineWriter(async (bytes) => {
    if (closed) throw new Error('the decision log on standard output is closed')
    return writeOnce(bytes)
  }, false)
  return {
    write: async (chunk) => {
      await writeLines(chunk)
    },
    close: async () => {
      if (closed) return
      closed = true
      if (reopened !== undefined) closeSync(reopened)
    },
  }
}

/**
 * A pipe once more, non-blocking. A write to a full one would block a thread of the pool until its reader
 * goes on, and a process with a blocked thread does not even exit (measured). Linux only; elsewhere, and
 * for sockets, the descriptor is used as it is.
 */
const reopenPipe = (descriptor: number): number | undefined => {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}
