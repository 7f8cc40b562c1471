import type { Timer } from '../../lib/deadline.ts'
import type { Exchange } from '../../model/exchange.ts'
import type { Authenticate } from '../../pip/authenticate.ts'

export type TokenWatch = {
  /** Aborted when the client has gone, or when its token is accepted no more. */
  readonly signal: AbortSignal
  readonly stop: () => void
}

const EVERY_MS = 1000

/**
 * Asks again and again whether the token of a stream that stays open would still be accepted, so that expiry,
 * revocation and a removed key end the stream as they end everything else.
 */
export function watchToken(
  { authorization, signal }: Pick<Exchange, 'authorization' | 'signal'>,
  authenticate: Authenticate,
  timer: Timer,
): TokenWatch {
  const over = new AbortController()
  let cancel = () => {}
  const again = () => {
    cancel = timer(() => void look(), EVERY_MS)
  }
  const look = async () => {
    const proof = await authenticate(authorization).catch(() => undefined)
    if (over.signal.aborted) return
    if (proof?.ok) again()
    else stop()
  }
  const stop = () => {
    cancel()
    signal.removeEventListener('abort', stop)
    over.abort()
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  else again()
  return { signal: over.signal, stop }
}
