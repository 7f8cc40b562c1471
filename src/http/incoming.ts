import type { Context } from 'hono'
import type { Environment } from './environment.ts'

/** A request as it was sent: before libraries joined what came twice or dropped what came late. */
export type Incoming = {
  readonly httpMethod: string
  /** The request target of the request line: `/mcp`, or an absolute URL. */
  readonly target: string
  /** Name in lower case and value, in the order sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Of the peer, before any proxy is believed. */
  readonly peer: string
  readonly request: Request
}

export function readIncoming(c: Context<Environment>): Incoming {
  const node = c.env?.incoming
  const raw = node?.rawHeaders
  const headers: (readonly [string, string])[] = []
  if (raw === undefined) for (const header of c.req.raw.headers) headers.push(header)
  else for (let i = 0; i + 1 < raw.length; i += 2) headers.push([(raw[i] ?? '').toLowerCase(), raw[i + 1] ?? ''])
  return {
    httpMethod: c.req.method,
    target: node?.url ?? new URL(c.req.url).pathname,
    headers,
    peer: node?.socket.remoteAddress ?? '127.0.0.1',
    request: c.req.raw,
  }
}

/** The values of a header, one for each time it was sent. */
export const headerValues = ({ headers }: Pick<Incoming, 'headers'>, name: string): readonly string[] =>
  headers.filter(([sent]) => sent === name).map(([, value]) => value)
