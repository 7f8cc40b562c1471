import { headerValues } from '../incoming.ts'
import type { Guard } from './guard.ts'

/** MCP: an `Origin` that is present must be valid. No browser origin is, unless configured; `null` never is. */
export function guardOrigin(allowed: readonly string[]): Guard {
  const origins = new Set(allowed.filter((origin) => origin !== 'null'))
  return (incoming) => {
    const sent = headerValues(incoming, 'origin')
    if (sent.length > 1) return { code: 'bad_request' }
    return sent.every((origin) => origins.has(origin)) ? undefined : { code: 'origin_not_allowed' }
  }
}
