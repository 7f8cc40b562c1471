import { stat } from 'node:fs/promises'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Evaluated } from '../../pap/replay/evaluator.ts'
import { mergeReplayTallies, type ReplayTally } from '../../pap/replay/tally.ts'
import { evaluate } from './evaluation.ts'
import { logBatches } from './log-batches.ts'

export type Progress = { readonly bytes: number; readonly total: number | undefined }

/** Decides again what a log says was asked, over its files in the order given. `-` is standard input. */
export async function replayLog(
  files: readonly string[],
  policy: Evaluated,
  options: { readonly named: number; readonly threads: number; readonly onProgress?: (progress: Progress) => void },
): Promise<Result<ReplayTally, readonly PolicyFault[]>> {
  const size = await sizeOf(files)
  if (!size.ok) return size
  const { named, threads, onProgress } = options
  const job = { policy: evaluatedOnly(policy), named }
  const tallies = await evaluate('replay', job, logBatches(files), {
    threads,
    ...(onProgress !== undefined && { onBatch: progressOf(size.value, onProgress) }),
  })
  return tallies.ok ? ok(mergeReplayTallies(tallies.value, named)) : tallies
}

/** What another thread needs, and can be sent. */
export const evaluatedOnly = ({ bundle, reads }: Evaluated): Evaluated => ({
  bundle,
  ...(reads !== undefined && { reads }),
})

/** Of all files together; unknown when one is standard input. */
export async function sizeOf(files: readonly string[]): Promise<Result<number | undefined, readonly PolicyFault[]>> {
  const sizes = await Promise.all(
    files.map((file) =>
      file === '-'
        ? Number.NaN
        : stat(file).then(
            (found) => (found.isDirectory() ? undefined : found.size),
            () => undefined,
          ),
    ),
  )
  const missing = files.filter((_, index) => sizes[index] === undefined)
  if (missing.length > 0) {
    const remedy = 'Name the files of a decision log, the oldest first'
    return err(missing.map((file) => ({ file, message: 'there is no such file', remedy })))
  }
  const total = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  return ok(Number.isNaN(total) ? undefined : total)
}

export function progressOf(
  total: number | undefined,
  onProgress: (progress: Progress) => void,
): (bytes: number) => void {
  let done = 0
  return (bytes) => {
    done += bytes
    onProgress({ bytes: done, total })
  }
}
