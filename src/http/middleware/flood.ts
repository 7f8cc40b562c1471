import type { Guard } from './guard.ts'

export type Bucket = {
  readonly take: (key: string) => { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }
}

/** A cheap limit by address before anything is parsed or verified: whoever sends no valid token pays here. */
export function guardFlood(bucket: Bucket): Guard {
  return (_incoming, address) => {
    const taken = bucket.take(address)
    return taken.ok ? undefined : { code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds }
  }
}
