import type { Server } from '@modelcontextprotocol/server'
import type { Timer } from '../lib/deadline.ts'
import type { Deferred } from '../lib/deferred.ts'
import type { Reply } from '../model/reply.ts'

/** From then on a client sees the beginning of a stream, and its keep-alive. */
const STREAM_AFTER_MS = 5_000

/** The answer, or undefined when something else is sent before it and the client needs a stream. */
export type AnswerOnItsWay = Deferred<object | undefined>

/** Notes the answer on its way: to write it into a `Response` and read it back takes 20 µs (measured). */
export function noteAnswer(server: Server, answer: AnswerOnItsWay): void {
  const connect = server.connect.bind(server)
  server.connect = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = (message, options) => {
      answer.resolve('result' in message || 'error' in message ? message : undefined)
      return send(message, options)
    }
    return connect(transport)
  }
}

/**
 * One JSON document where one will do. The SDK begins a stream for every legacy request: that is for answers
 * that take long, and for those that something else comes before.
 */
export async function toReply(response: Response, answer: AnswerOnItsWay, timer: Timer): Promise<Reply> {
  const { status } = response
  const streamed = isStream(response)
  // what is refused before a server is asked has a response and no answer
  const whole = await (streamed ? orLate(answer.promise, timer) : Promise.race([answer.promise, undefined]))
  if (whole !== undefined) {
    if (streamed) response.body?.cancel().catch(() => undefined)
    return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(whole) }
  }
  return { status, headers: headersOf(response), body: streamed ? response.body : await response.text() }
}

const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true

function headersOf(response: Response): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of ['content-type', 'x-accel-buffering']) {
    const value = response.headers.get(name)
    if (value !== null) headers[name] = value
  }
  return headers
}

async function orLate<T>(promise: Promise<T>, timer: Timer): Promise<T | undefined> {
  let cancel: () => void = () => undefined
  const late = new Promise<undefined>((resolve) => {
    cancel = timer(() => resolve(undefined), STREAM_AFTER_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    cancel()
  }
}
