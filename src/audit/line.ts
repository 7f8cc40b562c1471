import type { LogRecord } from '../model/record.ts'

/**
 * DEL and C1 controls, zero-width and bidirectional marks, U+2028 and U+2029: JSON leaves them as they are,
 * but some of them end lines for some readers, and the rest deceive whoever looks at the log in a terminal.
 */
const UNSAFE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** One record as one line of NDJSON. Escapes are JSON's own, so that reading it gives the same values back. */
export const toLine = (record: LogRecord): string =>
  `${JSON.stringify(record).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
