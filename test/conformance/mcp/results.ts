import { readdir, readFile } from 'node:fs/promises'
import { parse } from 'yaml'

/** What came of one revision, for the table in the README. */
export type Results = {
  readonly revision: string
  /** Scenarios that the revision requires. */
  readonly scenarios: number
  readonly passed: number
  /** Scenarios that cannot pass, by name. */
  readonly excluded: readonly string[]
}

/** As frozen in `requirements/` of the suite: what it runs besides is not scored. */
const REQUIRED: Readonly<Record<string, number>> = { '2025-11-25': 30, '2026-07-28': 37 }

/** For a run in which nothing failed but what the baseline names, and all of that did. */
export async function resultsOf(revision: string, dir: string, baseline: string): Promise<Results> {
  const scenarios = REQUIRED[revision] ?? 0
  const ran = (await readdir(dir)).length
  if (ran < scenarios) throw new Error(`${revision}: ${ran} of ${scenarios} scenarios ran`)
  const { server }: { readonly server?: readonly string[] } = parse(await readFile(baseline, 'utf8'))
  const excluded = server ?? []
  return { revision, scenarios, passed: scenarios - excluded.length, excluded }
}
