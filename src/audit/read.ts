import { createReadStream } from 'node:fs'
import { Compile } from 'typebox/compile'
import { errorCode } from '../lib/error-code.ts'
import { DecisionRecord, type LogRecord, OutcomeRecord } from '../model/record.ts'
import { expectsOutcome } from './record.ts'

export type ReadLine =
  | { readonly line: number; readonly record: LogRecord }
  | { readonly line: number; readonly damaged: 'not JSON' | 'not a record' | 'too long' }

/** Far above any record: a file that is no log must not fill the memory. */
export const LONGEST_LINE = 16 * 1024 * 1024

// By kind, since a union tries one after the other.
const decisions = Compile(DecisionRecord)
const outcomes = Compile(OutcomeRecord)

/** The lines of a decision log, numbered from 1. Damaged ones are named, empty ones skipped; memory holds one line. */
export async function* readLog(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<ReadLine> {
  let line = 0
  for await (const text of splitLines(chunks)) {
    line += 1
    if (text === undefined) yield { line, damaged: 'too long' }
    else if (text.trim() !== '') yield readLine(text, line)
  }
}

/** One line of a decision log, without its end. */
export const readLine = (text: string, line: number): ReadLine => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { line, damaged: 'not JSON' }
  }
  return isRecord(value) ? { line, record: value } : { line, damaged: 'not a record' }
}

const isRecord = (value: unknown): value is LogRecord => {
  const isOutcome = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'outcome'
  return isOutcome ? outcomes.Check(value) : decisions.Check(value)
}

/** Lines end at LF alone (`node:readline` also ends them at U+2028). Undefined is a line that was too long. */
async function* splitLines(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let isTooLong = false
  for await (const chunk of chunks) {
    const pieces = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n')
    const last = pieces.pop() ?? ''
    for (const piece of pieces) {
      yield isTooLong ? undefined : rest + piece
      rest = ''
      isTooLong = false
    }
    isTooLong ||= rest.length + last.length > LONGEST_LINE
    rest = isTooLong ? '' : rest + last
  }
  if (isTooLong || rest !== '') yield isTooLong ? undefined : rest
}

/** The files of a rotated log as one: those that are there, in the order given. A torn last line ends with its file. */
export async function* logChunks(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    let last = '\n'
    try {
      for await (const chunk of createReadStream(path, 'utf8')) {
        last = String(chunk)
        yield last
      }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
    if (!last.endsWith('\n')) yield '\n'
  }
}

export type LogSummary = {
  readonly decisions: number
  /** Decisions after which something may have happened. */
  readonly permitted: number
  readonly refused: number
  readonly outcomes: number
  /** Permitted decisions without an outcome, oldest first: the process died before it could say how they ended. */
  readonly unfinished: readonly string[]
  /** Numbers of the lines that are no records: cut short, or changed by hand. */
  readonly damaged: readonly number[]
}

/**
 * Reads a whole log once. A decision that could not be written in time, and was refused for it, may have
 * two lines: the refusal ends what the first one began.
 */
export const unfinished = async (chunks: AsyncIterable<Uint8Array | string>): Promise<LogSummary> => {
  const open = new Set<string>()
  const damaged: number[] = []
  const counts = { decisions: 0, permitted: 0, refused: 0, outcomes: 0 }
  for await (const read of readLog(chunks)) {
    if ('damaged' in read) damaged.push(read.line)
    else if (read.record.kind === 'outcome') {
      counts.outcomes += 1
      open.delete(read.record.decision_id)
    } else {
      counts.decisions += 1
      const isPermitted = expectsOutcome(read.record)
      counts[isPermitted ? 'permitted' : 'refused'] += 1
      if (isPermitted) open.add(read.record.decision_id)
      else open.delete(read.record.decision_id)
    }
  }
  return { ...counts, unfinished: [...open], damaged }
}
