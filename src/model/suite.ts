/** One test, case or comparison. No faults and not skipped: it passed. */
export type SuiteCase = {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly faults: readonly string[]
  /** Why it did not run. */
  readonly skipped?: string
}

/** What ran together, as JUnit and a summary show it. */
export type Suite = { readonly name: string; readonly cases: readonly SuiteCase[]; readonly milliseconds: number }
