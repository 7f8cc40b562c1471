import { headerValues } from '../incoming.ts'
import type { Guard } from './guard.ts'

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/

/**
 * Serves only the configured host names, on any port: DNS rebinding (CVE-2025-66414) sends a foreign one.
 * Two `Host` headers, a list in one, and an absolute request line that could name another are refused.
 */
export function guardHost(allowed: readonly string[]): Guard {
  const names = new Set(allowed.map((name) => name.toLowerCase()))
  return (incoming) => {
    if (!incoming.target.startsWith('/')) return { code: 'bad_request' }
    const [host, ...more] = headerValues(incoming, 'host')
    if (more.length > 0) return { code: 'bad_request' }
    const name = HOST.exec((host ?? '').toLowerCase())?.[1]
    return name !== undefined && names.has(name) ? undefined : { code: 'host_not_allowed' }
  }
}
