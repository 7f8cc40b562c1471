import type { Timer } from '../../lib/deadline.ts'
import type { Pace } from './backoff.ts'
import type { Ask, Downloaded } from './download.ts'
import type { PolicySource } from './source.ts'
import { wait } from './wait.ts'

export type HttpSourceOptions = {
  readonly location: string
  readonly download: (ask: Ask, signal: AbortSignal) => Promise<Downloaded>
  readonly pace: Pace
  /** Longest time that the server is asked to wait for something new. */
  readonly waitSeconds: number
  readonly timer: Timer
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

/** Least time between two questions to a server that should have waited, and did not. */
const LEAST_MS = 1000

/** A bundle behind a URL: long polling where the server does it, else asked at intervals whether it changed. */
export function createHttpSource(options: HttpSourceOptions): PolicySource {
  const { location, download, pace, waitSeconds, timer, now } = options
  let etag: string | undefined

  async function ask(question: Ask, signal: AbortSignal): Promise<Downloaded> {
    const answer = await download(question, signal)
    if (answer.offer.kind === 'bundle') etag = answer.etag
    return answer
  }

  const follow: PolicySource['follow'] = async (take, signal) => {
    let failures = 0
    let longPoll = true
    let pause = 0
    for (;;) {
      if (pause > 0) await wait(pause, timer, signal)
      if (signal.aborted) return
      const asked = now()
      const answer = await ask({ etag, ...(longPoll && { waitSeconds }) }, signal)
      if (signal.aborted) return
      await take(answer.offer)
      const isAway = answer.offer.kind === 'unreachable' || answer.offer.kind === 'refused'
      failures = isAway ? failures + 1 : 0
      longPoll = isAway || answer.longPoll
      pause = isAway ? pace.retry(failures) : answer.longPoll ? Math.max(0, LEAST_MS - (now() - asked)) : pace.poll()
    }
  }

  return { kind: 'url', location, read: async (signal) => (await ask({}, signal)).offer, follow }
}
