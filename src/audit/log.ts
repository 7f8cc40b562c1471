import { systemTimer, type Timer } from '../lib/deadline.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { thrownText } from '../lib/thrown-text.ts'
import type { DecisionRecord, LogRecord } from '../model/record.ts'
import type { RefusalAt } from '../model/refusal.ts'
import { createBatcher, type Line } from './batch.ts'
import { toLine } from './line.ts'
import { createPace } from './pace.ts'
import { expectsOutcome } from './record.ts'
import type { RecordSink } from './sinks/sink.ts'

export type Appended = Result<void, RefusalAt<'record'>>

export type LogHealth = {
  readonly writable: boolean
  /** Lines that wait to be written. */
  readonly buffered: number
  /** Lines that were lost: no room, or the log was closed. */
  readonly dropped: number
  /** Refusals before authentication that were counted instead of written. */
  readonly suppressed: number
  readonly last_error?: string
}

export type DecisionLog = {
  /** A decision, before its effect. Strict mode: resolves when it is written, or refuses. Lenient: at once. */
  readonly append: (record: DecisionRecord) => Promise<Appended>
  /** A line that nothing waits for: an outcome, or a refusal. */
  readonly appendQuietly: (record: LogRecord, origin?: { readonly unauthenticated: boolean }) => void
  readonly health: () => LogHealth
  /** Resolves when all lines are written, or when a write failed. */
  readonly flush: () => Promise<void>
  /** Flushes and closes, in `timeoutMs` at most. */
  readonly close: () => Promise<void>
}

/** All that may wait, in characters: long lines must not make `bufferSize` a matter of gigabytes. */
const MAX_CHARACTERS = 64 * 1024 * 1024
const UNAVAILABLE = { code: 'log_unavailable', retryAfterSeconds: 1 } as const

/**
 * The decision log: a bounded buffer in front of a sink. In strict mode a permitted call takes two slots at
 * once, so that its outcome cannot be lost to a full buffer; in lenient mode what finds no room is dropped
 * and counted. Refusals never take the second half of the buffer: they could be sent to fill it.
 */
export const createDecisionLog = (options: {
  readonly sink: RecordSink
  readonly mode: 'strict' | 'lenient'
  readonly bufferSize: number
  readonly timeoutMs: number
  /** Milliseconds, never backwards. */
  readonly monotonic: () => number
  /** Refusals before authentication that are written in a second; the others are counted. */
  readonly unauthenticatedPerSecond: number
  readonly timer?: Timer
}): DecisionLog => {
  const { sink, mode, bufferSize, timeoutMs, monotonic, unauthenticatedPerSecond, timer = systemTimer } = options
  const passesPace = createPace({ perSecond: unauthenticatedPerSecond, monotonic })
  /** Decisions on their way or on the log whose outcome is to come; each holds a slot. */
  const open = new Set<string>()
  const lost = { dropped: 0, suppressed: 0 }
  let lastError: string | undefined
  let closed = false
  const lines = createBatcher({
    sink,
    written: () => {
      lastError = undefined
    },
    failed: (error) => {
      lastError = thrownText(error)
    },
  })

  const hasRoom = (slots: number) =>
    !closed && lines.count() + open.size + slots <= bufferSize && lines.characters() < MAX_CHARACTERS

  const writeAndWait = (record: DecisionRecord): Promise<Appended> =>
    new Promise((resolve) => {
      const refuse = () => {
        open.delete(record.decision_id)
        resolve(err(UNAVAILABLE))
      }
      const line: Line = {
        text: toLine(record),
        settled: (written) => {
          cancel()
          if (written) resolve(ok(undefined))
          else refuse()
        },
      }
      const cancel = timer(() => {
        lastError = `no write was finished within ${timeoutMs} ms`
        lines.remove(line)
        refuse()
      }, timeoutMs)
      lines.add(line)
    })

  const append = async (record: DecisionRecord): Promise<Appended> => {
    if (mode === 'lenient') {
      keep(record, hasRoom(1))
      return ok(undefined)
    }
    const hasOutcome = expectsOutcome(record)
    if (!hasRoom(hasOutcome ? 2 : 1)) {
      lines.kick()
      return err(UNAVAILABLE)
    }
    if (hasOutcome) open.add(record.decision_id)
    return writeAndWait(record)
  }

  const keep = (record: LogRecord, fits: boolean) => {
    if (fits) lines.add({ text: toLine(record) })
    else {
      lost.dropped += 1
      lines.kick()
    }
  }

  const appendQuietly: DecisionLog['appendQuietly'] = (record, origin) => {
    if (record.kind === 'outcome') keep(record, (open.delete(record.decision_id) && !closed) || hasRoom(1))
    else if (origin?.unauthenticated === true && !passesPace()) lost.suppressed += 1
    else keep(record, hasRoom(1 + Math.floor(bufferSize / 2)))
  }

  const close = async () => {
    if (closed) return
    closed = true
    const closing = lines.drained().then(() => sink.close())
    let cancel: () => void = () => undefined
    const late = new Promise<void>((resolve) => {
      cancel = timer(resolve, timeoutMs)
    })
    await Promise.race([closing.catch(() => undefined), late])
    cancel()
    lost.dropped += lines.count()
  }

  return {
    append,
    appendQuietly,
    health: () => ({
      writable: lastError === undefined && !closed,
      buffered: lines.count(),
      ...lost,
      ...(lastError === undefined ? {} : { last_error: lastError }),
    }),
    flush: lines.drained,
    close,
  }
}
