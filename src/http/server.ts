import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Environment } from './environment.ts'

export type ServerLimits = {
  readonly headerBytes: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** After this long without a byte in either direction a connection is closed, also while its answer waits to be read. */
  readonly idleTimeoutMs: number
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
    // Node has none by default: whoever asks and never reads would keep the answer in memory for good (C-053)
    server.timeout = limits.idleTimeoutMs
    server.once('error', reject)
  })
}

const SWEEP_MS = 50

function closeServer(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), drainMs)
    // `close` ends the connections that are idle now; one that becomes so later would be kept for its keep-alive time
    const idle = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    server.close(() => {
      clearTimeout(late)
      clearInterval(idle)
      resolve()
    })
  })
}
