import { readLine } from '../../audit/read.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createEvaluator, type Evaluated } from '../../pap/replay/evaluator.ts'
import { replay } from '../../pap/replay/replay.ts'
import { countDamage, countReplayed, emptyReplayTally, type ReplayTally } from '../../pap/replay/tally.ts'
import { type Batch, type Handler, linesOf } from './batch.ts'

export type ReplayJob = {
  readonly policy: Evaluated
  /** How many of a kind are named, not only counted. */
  readonly named: number
}

/** Replays the lines of a log that come in batches. */
export async function createReplayHandler({
  policy,
  named,
}: ReplayJob): Promise<Result<Handler<ReplayTally>, readonly PolicyFault[]>> {
  const opened = await createEvaluator(policy)
  if (!opened.ok) return opened
  const { value: evaluator } = opened
  const tally = emptyReplayTally()

  async function take(batch: Batch): Promise<void> {
    const { file } = batch
    for (const { text, line } of linesOf(batch)) {
      tally.lines++
      const read = readLine(text, line)
      if ('damaged' in read) countDamage(tally, { file, line, damaged: read.damaged }, named)
      else if (read.record.kind === 'decision') {
        const replayed = await replay(read.record, evaluator, policy.reads)
        countReplayed(tally, replayed, { file, line, decision_id: read.record.decision_id }, named)
      }
    }
  }

  return ok({ take, total: () => tally, close: evaluator.close })
}
