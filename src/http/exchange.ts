import type { Exchange } from '../model/exchange.ts'
import { type BodyLimits, readBody } from './body.ts'
import { headerValues, type Incoming } from './incoming.ts'

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The request as the walk sees it. Identity comes from `Authorization` alone, never from another header. */
export function toExchange(incoming: Incoming, address: string, requestId: string, limits: BodyLimits): Exchange {
  const first = (name: string) => headerValues(incoming, name)[0]
  const authorizations = headerValues(incoming, 'authorization')
  const traceId = TRACEPARENT.exec(first('traceparent') ?? '')?.[1]
  return {
    httpMethod: incoming.httpMethod,
    requestId,
    ...(traceId !== undefined && { traceId }),
    address,
    // RFC 9110, 5.3: what came twice is one list, which no credentials are
    ...(authorizations.length > 0 && { authorization: authorizations.join(', ') }),
    mcpHeaders: new Map(incoming.headers.filter(([name]) => name.startsWith('mcp-'))),
    body: () => readBody(incoming.request, limits, declaredLength(incoming)),
    signal: incoming.request.signal,
  }
}

/** A chunked body declares nothing that holds. */
function declaredLength(incoming: Incoming): number | undefined {
  const [length] = headerValues(incoming, 'content-length')
  const holds = headerValues(incoming, 'transfer-encoding').length === 0
  return holds && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
