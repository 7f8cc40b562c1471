import { watch } from 'chokidar'
import type { Timer } from '../../lib/deadline.ts'
import { deferred } from '../../lib/deferred.ts'

export type Changes = {
  /** Resolves when something changed since it resolved last, and nothing more did for a while. */
  readonly next: () => Promise<void>
  readonly close: () => Promise<void>
}

/** An editor saves, and a checkout writes, several files at once; chokidar drops what comes within 5 ms. */
const QUIET_MS = 100

/** Watches folders. What changed before that is not lost: the first `next` comes at once. */
export async function watchChanges(options: {
  readonly folders: readonly string[]
  readonly ignored: (path: string) => boolean
  readonly timer: Timer
}): Promise<Changes> {
  const { folders, ignored, timer } = options
  // a link, as deployments and Kubernetes swap it, is what changes, not what it leads to
  const watcher = watch([...folders], { ignoreInitial: true, followSymlinks: false, persistent: false, ignored })
  let settled = deferred<void>()
  let cancel: () => void = () => undefined
  const noted = () => {
    cancel()
    cancel = timer(() => settled.resolve(), QUIET_MS)
  }
  watcher.on('all', noted)
  // a folder that went away or cannot be read is what reading it will say
  watcher.on('error', noted)
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()))
  settled.resolve()
  return {
    next: async () => {
      await settled.promise
      settled = deferred()
    },
    close: async () => {
      cancel()
      settled.resolve()
      await watcher.close()
    },
  }
}
