import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Environment } from './environment.ts'

export type ServerLimits = {
  readonly headerBytes: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** Requests answered at the same time. */
  readonly maxInFlight: number
}

export type Listening = {
  readonly port: number
  /** Takes no new connection and lets requests in flight finish, for at most `drainMs`. */
  readonly close: (drainMs: number) => Promise<void>
}

/** Listens with the limits that Node leaves open: connections, slow headers, slow requests. */
export function listen(app: Hono<Environment>, host: string, port: number, limits: ServerLimits): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: app.fetch,
        hostname: host,
        port,
        serverOptions: {
          // twice what the guard lets pass, so that it is the guard that answers
          maxHeaderSize: 2 * limits.headerBytes,
          headersTimeout: limits.headersTimeoutMs,
          // the body reader answers first; this closes what does not even listen to the answer
          requestTimeout: limits.requestTimeoutMs + 1_000,
          connectionsCheckingInterval: 1_000,
          keepAliveTimeout: 65_000,
        },
      },
      (address) => resolve({ port: address.port, close: (drainMs) => closeServer(server, drainMs) }),
    ) as Server
    // twice what is answered, so that the others hear of it instead of meeting a closed door
    server.maxConnections = 2 * limits.maxInFlight
    server.maxHeadersCount = 0
    server.once('error', reject)
  })
}

function closeServer(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
  })
}
