import type { Server } from '@modelcontextprotocol/server'
import type { Timer } from '../lib/deadline.ts'
import { deferred } from '../lib/deferred.ts'
import type { Reply } from '../model/reply.ts'

/** From then on a client sees the beginning of a stream, and its keep-alive. */
const STREAM_AFTER_MS = 5_000

/** The answer of one request: one document, unless the client needs a stream before it is there. */
export type AnswerOnItsWay = {
  /** The document; undefined once there is a stream. */
  readonly whole: Promise<object | undefined>
  /** True when the answer is taken as the document. */
  readonly offer: (answer: object) => boolean
  readonly beginStream: () => void
}

export function expectAnswer(): AnswerOnItsWay {
  const { promise, resolve } = deferred<object | undefined>()
  let streams = false
  return {
    whole: promise,
    offer: (answer) => {
      if (!streams) resolve(answer)
      return !streams
    },
    beginStream: () => {
      streams = true
      resolve(undefined)
    },
  }
}

/**
 * Takes the answer before the transport writes it into a `Response`, which would be written out a second time
 * here. The transport is told that there is a result, not what it is: a sixth of the time of a call (measured).
 */
export function takeAnswer(server: Server, answer: AnswerOnItsWay): void {
  const connect = server.connect.bind(server)
  server.connect = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = (message, options) => {
      // the code of an error settles the status
      if ('error' in message) answer.offer(message)
      else if (!('result' in message)) answer.beginStream()
      else if (answer.offer(message)) return send({ ...message, result: {} }, options)
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
  const whole = await (streamed ? wholeInTime(answer, timer) : Promise.race([answer.whole, undefined]))
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

function wholeInTime({ whole, beginStream }: AnswerOnItsWay, timer: Timer): Promise<object | undefined> {
  return whole.finally(timer(beginStream, STREAM_AFTER_MS))
}
