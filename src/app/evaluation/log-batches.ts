import { createReadStream } from 'node:fs'
import { LONGEST_LINE } from '../../audit/read.ts'
import type { Batch } from './batch.ts'

const BATCH_BYTES = 256 * 1024
const LINE_END = 0x0a
const TOO_LONG = new TextEncoder().encode('too long\n')

/** The files of a log, cut between lines. A last line without an end is a line; one that is too long is no record. */
export async function* logBatches(files: readonly string[]): AsyncGenerator<Batch> {
  for (const [file, path] of files.entries()) yield* fileBatches(file, path)
}

async function* fileBatches(file: number, path: string): AsyncGenerator<Batch> {
  const chunks: AsyncIterable<Uint8Array> =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: BATCH_BYTES })
  let line = 1
  let rest: Uint8Array[] = []
  let size = 0

  function batch(parts: readonly Uint8Array[]): Batch {
    const bytes = new Uint8Array(Buffer.concat(parts))
    const made = { file, line, bytes }
    line += countLines(bytes)
    return made
  }

  /** What was begun is ended; of a line that is too long only that there was one is kept. */
  function flush(end: Uint8Array): Batch {
    const parts = size > LONGEST_LINE ? [TOO_LONG] : [...rest, end]
    rest = []
    size = 0
    return batch(parts)
  }

  for await (const chunk of chunks) {
    const [first, last] = [chunk.indexOf(LINE_END) + 1, chunk.lastIndexOf(LINE_END) + 1]
    if (first === 0) {
      size += chunk.byteLength
      if (size <= LONGEST_LINE) rest.push(chunk)
      else rest = []
      continue
    }
    const begun = size > 0 ? first : 0
    if (size > 0) yield flush(chunk.subarray(0, first))
    if (last > begun) yield batch([chunk.subarray(begun, last)])
    rest = [chunk.subarray(last)]
    size = chunk.byteLength - last
  }
  if (size > 0) yield flush(new Uint8Array())
}

function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) lines++
  return lines
}
