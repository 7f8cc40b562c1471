/** What a command says by its exit code. */
export const EXIT = {
  ok: 0,
  /** The command worked and found something: a failed test, an unfinished call. */
  finding: 1,
  /** Wrong flags, configuration, policy or input. */
  usage: 2,
  /** This machine lacks something. */
  environment: 3,
} as const
