import { whenEnded } from '../lib/when-ended.ts'
import type { Guard } from './middleware/guard.ts'

export type InFlight = {
  /** Counts a request until its answer has been sent, or its client has gone. */
  readonly count: (answer: () => Promise<Response>) => Promise<Response>
  /** Refuses what comes while more than the limit are counted, itself included. */
  readonly guard: Guard
}

const RETRY_SECONDS = 1

/** How many requests are being answered. What is too much is refused at once: a queue would only make it later. */
export function createInFlight(limit: number): InFlight {
  let inFlight = 0
  const leave = () => {
    inFlight -= 1
  }
  return {
    guard: () => (inFlight > limit ? { code: 'overloaded', retryAfterSeconds: RETRY_SECONDS } : undefined),
    count: async (answer) => {
      inFlight += 1
      try {
        const response = await answer()
        // in this order: to ask for the body of a whole answer makes a stream of it
        if (isStream(response) && response.body !== null) return following(response, response.body, leave)
        leave()
        return response
      } catch (thrown) {
        leave()
        throw thrown
      }
    },
  }
}

/** Anything else is in memory as a whole and costs nothing more. */
const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true

const following = (response: Response, body: ReadableStream<Uint8Array>, ended: () => void): Response =>
  new Response(whenEnded(body, ended), { status: response.status, headers: response.headers })
