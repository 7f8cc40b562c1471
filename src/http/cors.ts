import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { headerValues, type Incoming } from './incoming.ts'

const EXPOSED = ['WWW-Authenticate', 'Retry-After', 'RateLimit', 'RateLimit-Policy']

export type Cors = {
  readonly middleware: MiddlewareHandler
  /**
   * What the middleware would add to an answer of the MCP endpoint. It changes an answer that is finished, so
   * that the server takes it for a stream and sends it a timer's tick later: more than all the walk takes (measured).
   */
  readonly headersFor: (incoming: Incoming) => Readonly<Record<string, string>>
}

/** Lets pages of these origins call, and read the headers that a client needs. */
export function createCors(origins: readonly string[]): Cors {
  const shared = { 'access-control-expose-headers': EXPOSED.join(','), vary: 'Origin' }
  return {
    middleware: cors({
      allowMethods: ['POST', 'GET'],
      exposeHeaders: EXPOSED,
      maxAge: 600,
      origin: (origin) => (origins.includes(origin) ? origin : null),
    }),
    headersFor: (incoming) => {
      const [origin = ''] = headerValues(incoming, 'origin')
      return origins.includes(origin) ? { ...shared, 'access-control-allow-origin': origin } : shared
    },
  }
}
