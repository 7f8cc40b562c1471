import { logChunks, readLog } from '../../audit/read.ts'
import { logFiles } from '../../audit/sinks/file.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { DecisionRecord, LogRecord, OutcomeRecord } from '../../model/record.ts'

type Lines = { readonly decision: DecisionRecord; readonly outcome?: OutcomeRecord }

/** Ids that begin alike were given out in the same minute; so many are named. */
const NAMED = 5

/**
 * What the decision logs say of one decision, by its id or the beginning of it, over their rotated files.
 * A decision that could not be written in time has a second line, its refusal: the last one counts.
 */
export async function recordedDecision(logs: readonly string[], id: string): Promise<Result<Lines, string>> {
  const decisions = new Map<string, DecisionRecord>()
  const outcomes = new Map<string, OutcomeRecord>()
  const scan = { records: 0, damaged: 0, first: '', last: '' }
  for await (const read of readLog(logChunks(logs.flatMap(logFiles)))) {
    if ('damaged' in read) {
      scan.damaged++
      continue
    }
    const { record } = read
    note(scan, record)
    if (!record.decision_id.startsWith(id)) continue
    if (record.kind === 'decision') decisions.set(record.decision_id, record)
    else outcomes.set(record.decision_id, record)
  }
  const decision = decisions.get(id) ?? [...decisions.values()][0]
  if (decision === undefined) return err(notFound(logs, id, scan))
  if (decision.decision_id !== id && decisions.size > 1) return err(ambiguous(id, [...decisions.keys()]))
  const outcome = outcomes.get(decision.decision_id)
  return ok({ decision, ...(outcome !== undefined && { outcome }) })
}

type Scan = { records: number; damaged: number; first: string; last: string }

function note(scan: Scan, { timestamp }: LogRecord): void {
  scan.records++
  scan.first ||= timestamp
  scan.last = timestamp
}

function notFound(logs: readonly string[], id: string, { records, damaged, first, last }: Scan): string {
  const where = logs.join(', ')
  const extent = records === 0 ? 'no record at all' : `${records} records from ${first} to ${last}`
  const lost =
    damaged === 0 ? '' : `, and ${damaged} damaged ${damaged === 1 ? 'line' : 'lines'}, where it may have stood`
  return `No decision ${id} in ${where}: it holds ${extent}${lost}. Name the log of that time with --log`
}

function ambiguous(id: string, ids: readonly string[]): string {
  const more = ids.length > NAMED ? [`  … and ${ids.length - NAMED} more`] : []
  const named = ids.slice(0, NAMED).map((one) => `  ${one}`)
  return [`${id} begins ${ids.length} decision ids; write more of the one that is meant:`, ...named, ...more].join('\n')
}
