import { systemTimer, type Timer } from '../lib/deadline.ts'
import { deferred } from '../lib/deferred.ts'
import { whenEnded } from '../lib/when-ended.ts'
import type { McpCall } from '../model/call.ts'
import type { Reply } from '../model/reply.ts'
import type { Subject } from '../model/subject.ts'
import type { Answered, Protocol } from './protocol.ts'

export type Subscriptions = (
  call: McpCall,
  subject: Subject,
  signal: AbortSignal,
) => Promise<Subscribed | { readonly refused: Extract<Answered, { error: unknown }> }>

export type Subscribed = { readonly reply: Reply; readonly ended: Promise<void> }

type Options = {
  readonly protocol: Protocol
  readonly timer?: Timer
  readonly perSubject?: number
  readonly lifetimeMs?: number
}

const PER_SUBJECT = 8

/** Then it ends, and the client asks again: nobody listens for longer after a token or a right was taken away. */
const LIFETIME_MS = 5 * 60_000

/** Streams of `subscriptions/listen`: of a filter that was decided on, for a time, and a few for each caller. */
export function createSubscriptions({
  protocol,
  timer = systemTimer,
  perSubject = PER_SUBJECT,
  lifetimeMs = LIFETIME_MS,
}: Options): Subscriptions {
  const open = new Map<string, number>()
  return async (call, { id, properties: { issuer, tenant } }, signal) => {
    const key = JSON.stringify([issuer, tenant, id])
    const held = open.get(key) ?? 0
    if (held >= perSubject) return { refused: TOO_MANY }
    open.set(key, held + 1)
    const over = new AbortController()
    const ended = deferred<void>()
    const cancel = timer(() => over.abort(), lifetimeMs)
    const end = () => {
      cancel()
      signal.removeEventListener('abort', gone)
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
      ended.resolve()
    }
    const gone = () => over.abort()
    signal.addEventListener('abort', gone, { once: true })
    if (signal.aborted) gone()
    const reply = await protocol.serve(call, {}, over.signal)
    if (!(reply.body instanceof ReadableStream)) end()
    const body = reply.body instanceof ReadableStream ? whenEnded(reply.body, end) : reply.body
    return { reply: { ...reply, body }, ended: ended.promise }
  }
}

const TOO_MANY = { error: { code: -31503, message: `More than ${PER_SUBJECT} subscriptions at a time; end one first` } }
