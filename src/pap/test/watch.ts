import { basename, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { watch } from 'chokidar'
import type { Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Suite } from '../../model/suite.ts'
import { isForeign } from '../rego/tree.ts'
import { createPolicyTester, type PolicyTester, type TestOptions, type TestReport } from './tester.ts'

export type WatchEvents = {
  /** What the cases decide, `milliseconds` after the change was noticed; then the report follows. */
  readonly verdict: (suite: Suite, milliseconds: number) => void
  readonly report: (report: TestReport, milliseconds: number) => void
  readonly faults: (faults: readonly PolicyFault[], milliseconds: number) => void
}

/** An editor writes one file in several steps. */
const SETTLE_MS = 10

/** Tests at once and after every change, whatever was wrong before, until the signal is aborted. */
export async function watchPolicy(options: TestOptions, events: WatchEvents, signal: AbortSignal): Promise<void> {
  const { now } = options
  const tester = await createPolicyTester(options)
  const folders = [resolve(options.policyDir), resolve(options.casesDir)]
  const changes = createChanges(folders, now, signal, (error) => events.faults([unwatchable(error)], 0))
  const unfinished = new Set<Promise<void>>()
  let latest = 0
  try {
    // what changed before it is watched would be noticed by nobody
    await changes.ready
    for (let noticed: number | undefined = now(); noticed !== undefined; noticed = await changes.next()) {
      const since = noticed
      latest++
      const mine = latest
      const verdict = await tester.decide()
      changes.add(tester.fixtures())
      if (!verdict.ok) {
        events.faults(verdict.error, now() - since)
        continue
      }
      events.verdict(verdict.value.suite, now() - since)
      const rest = finish(tester.complete(verdict.value), () => mine === latest && !signal.aborted, since)
      unfinished.add(rest)
      void rest.finally(() => unfinished.delete(rest))
    }
  } finally {
    await changes.close()
    await Promise.all(unfinished)
    await tester.close()
  }

  /** What a later change overtook is nobody's news. */
  async function finish(report: ReturnType<PolicyTester['complete']>, isLatest: () => boolean, since: number) {
    const result: Result<TestReport, readonly PolicyFault[]> = await report
    if (!isLatest()) return
    if (result.ok) events.report(result.value, now() - since)
    else events.faults(result.error, now() - since)
  }
}

/** Changes below some folders, those that come together as one: when the first of them was noticed. */
function createChanges(
  folders: readonly string[],
  now: () => number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
) {
  const ignored = (path: string) =>
    !folders.includes(path) && basename(path) !== '.manifest' && isForeign(basename(path))
  const watcher = watch([...folders], { ignoreInitial: true, ignored })
  let noticed: number | undefined
  let wake = () => {}
  const note = () => {
    noticed ??= now()
    wake()
  }
  // of two changes of a file within 50 ms, such as a save and what a formatter makes of it, `change` tells one alone
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath: string }
    if (!ignored(join(watchedPath, name ?? ''))) note()
  })
  // what came into a new folder before that was watched
  watcher.on('add', note)
  watcher.on('error', onError)
  signal.addEventListener('abort', () => wake())

  return {
    ready: new Promise<void>((resolve) => watcher.once('ready', resolve)),
    /** Undefined when there will be no more. */
    next: async (): Promise<number | undefined> => {
      while (noticed === undefined && !signal.aborted) {
        await new Promise<void>((done) => {
          wake = done
        })
      }
      await setTimeout(signal.aborted ? 0 : SETTLE_MS)
      const first = noticed
      noticed = undefined
      return signal.aborted ? undefined : first
    },
    add: (files: readonly string[]) => {
      watcher.add([...files])
    },
    close: () => watcher.close(),
  }
}

const unwatchable = (error: unknown): PolicyFault => ({
  message: `changes cannot be watched: ${thrownText(error)}`,
  remedy: 'Raise the limit of the system for watched files, or test without --watch',
})
