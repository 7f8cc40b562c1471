import { readLine } from '../../audit/read.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { classify } from '../../pap/diff/classify.ts'
import { countCompared, type DiffTally, emptyDiffTally } from '../../pap/diff/tally.ts'
import { createEvaluator, type Evaluated, type Evaluator } from '../../pap/replay/evaluator.ts'
import { askedIn } from '../../pap/replay/replay.ts'
import { type Batch, type Handler, linesOf } from './batch.ts'

export type DiffJob = {
  readonly base: Evaluated
  readonly head: Evaluated
  /** Lines are records of a decision log, or questions. */
  readonly lines: 'records' | 'questions'
}

export type DiffTotal = {
  readonly tally: DiffTally
  /** Recorded questions that are masked, changed or not written, and lines that are no records. */
  readonly unusable: { unreplayable: number; unasked: number; damaged: number }
}

/** Puts the questions that come in batches to two policies. */
export async function createDiffHandler(job: DiffJob): Promise<Result<Handler<DiffTotal>, readonly PolicyFault[]>> {
  const opened = await openBoth(job)
  if (!opened.ok) return opened
  const { base, head } = opened.value
  const tally = emptyDiffTally()
  const unusable = { unreplayable: 0, unasked: 0, damaged: 0 }
  const reads = readsOfBoth(job)

  async function compare(input: PolicyInput, of: { readonly decision_id?: string }): Promise<void> {
    const [before, after] = [await base.decide(input), await head.decide(input)]
    countCompared(tally, classify(before, after), { input, base: before, head: after, ...of })
  }

  async function compareRecorded(text: string, line: number): Promise<void> {
    const read = readLine(text, line)
    if ('damaged' in read) unusable.damaged++
    else if (read.record.kind === 'decision') {
      const asked = askedIn(read.record, reads)
      if (asked.kind === 'question') await compare(asked.input, { decision_id: read.record.decision_id })
      else unusable[asked.kind === 'nothing' ? 'unasked' : 'unreplayable']++
    }
  }

  async function take(batch: Batch): Promise<void> {
    for (const { text, line } of linesOf(batch)) {
      if (job.lines === 'records') await compareRecorded(text, line)
      else await compare(JSON.parse(text), {})
    }
  }

  function close(): void {
    base.close()
    head.close()
  }

  return ok({ take, total: () => ({ tally, unusable }), close })
}

/** What at least one of the two policies reads; unknown when it is unknown of one. */
function readsOfBoth({ base, head }: DiffJob): Evaluated['reads'] {
  if (base.reads === undefined || head.reads === undefined) return undefined
  return {
    values: [...base.reads.values, ...head.reads.values],
    types: [...base.reads.types, ...head.reads.types],
  }
}

async function openBoth(job: DiffJob): Promise<Result<{ base: Evaluator; head: Evaluator }, readonly PolicyFault[]>> {
  const base = await createEvaluator(job.base)
  if (!base.ok) return base
  const head = await createEvaluator(job.head)
  if (head.ok) return ok({ base: base.value, head: head.value })
  base.value.close()
  return head
}
