import { join } from 'node:path'
import { watch } from 'chokidar'
import type { Timer } from '../../lib/deadline.ts'
import { deferred } from '../../lib/deferred.ts'

export type Changes = {
  /** Resolves when something changed and nothing more did for a while, or when closed. */
  readonly settled: Promise<void>
  readonly close: () => Promise<void>
}

/** An editor saves, and a checkout writes, several files at once. */
const QUIET_MS = 100

/**
 * Watches folders for the next change. Not for those after it: when a folder takes the place of another of its
 * name, chokidar goes on watching the one that is gone.
 */
export async function watchChanges(options: {
  readonly folders: readonly string[]
  readonly ignored: (path: string) => boolean
  readonly timer: Timer
}): Promise<Changes> {
  const { folders, ignored, timer } = options
  // a link, as deployments and Kubernetes swap it, is what changes, not what it leads to
  const watcher = watch([...folders], { ignoreInitial: true, followSymlinks: false, persistent: false, ignored })
  const settled = deferred<void>()
  let cancel: () => void = () => undefined
  const noted = () => {
    cancel()
    cancel = timer(() => settled.resolve(), QUIET_MS)
  }
  // its other events compare names, and say nothing of one that now stands for something else
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath: string }
    if (!ignored(join(watchedPath, name ?? ''))) noted()
  })
  // What cannot be watched from the start is what reading it will say: as a change it would be one again each time.
  watcher.on('error', () => undefined)
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
  watcher.on('error', noted)
  return {
    settled: settled.promise,
    close: async () => {
      cancel()
      settled.resolve()
      await watcher.close()
    },
  }
}
