/**
 * Where lines go. `write` takes whole lines, one call at a time, and resolves once the system has them all:
 * they outlive the process, though not the machine's power. After a rejected write an unknown part may
 * have been written; the next one begins on a new line.
 */
export type RecordSink = {
  readonly write: (chunk: string) => Promise<void>
  readonly close: () => Promise<void>
  /** Opens its file anew, after something outside has moved it away. */
  readonly reopen?: () => Promise<void>
}
