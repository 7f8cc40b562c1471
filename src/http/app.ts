import { type Context, Hono } from 'hono'
import type { Exchange } from '../model/exchange.ts'
import { REFUSALS, type RefusalAt } from '../model/refusal.ts'
import type { Walked } from '../pep/trail.ts'
import { type Administration, adminRoutes } from './admin.ts'
import type { BodyLimits } from './body.ts'
import { createCors } from './cors.ts'
import type { Environment } from './environment.ts'
import { toExchange } from './exchange.ts'
import { createInFlight } from './in-flight.ts'
import { type Incoming, readIncoming } from './incoming.ts'
import { allOf, type Guard } from './middleware/guard.ts'
import { type Operations, operationsRoutes } from './operations.ts'
import { type ReplyOptions, toResponse } from './reply.ts'
import { metadataRoutes, type ResourceMetadata } from './resource-metadata.ts'

export type HttpOptions = {
  /** Hosts, origins, headers: for every path. */
  readonly guards: readonly Guard[]
  /** Floods, media types, sizes: for the MCP endpoint. */
  readonly mcpGuards: readonly Guard[]
  readonly clientAddress: (incoming: Incoming) => string
  readonly allowedOrigins: readonly string[]
  readonly bodyLimits: BodyLimits
  /** Most requests to the MCP endpoint that are answered at the same time. */
  readonly maxInFlight: number
  readonly newRequestId: () => string
  readonly walk: (exchange: Exchange) => Promise<Walked>
  readonly refuseAtDoor: (exchange: Exchange, refusal: RefusalAt<'guard'>) => Promise<Walked>
  readonly reply: ReplyOptions
  /** Absent: none is published. */
  readonly metadata?: ResourceMetadata
  readonly operations: Operations
  /** Absent: its addresses are paths like any at which there is nothing. */
  readonly administration?: Administration
  readonly onError: (error: Error) => void
}

/** The HTTP edge: guards, then the walk, then its answer. Hono is known in this folder only. */
export function createHttpApp(options: HttpOptions): Hono<Environment> {
  const app = new Hono<Environment>()
  const door = allOf(...options.guards)
  const inFlight = createInFlight(options.maxInFlight)
  const mcpDoor = allOf(inFlight.guard, ...options.guards, ...options.mcpGuards)
  const cors = createCors(options.allowedOrigins)
  const walk = async (incoming: Incoming, guard: Guard) => {
    const address = options.clientAddress(incoming)
    const exchange = toExchange(incoming, address, options.newRequestId(), options.bodyLimits)
    const refusal = guard(incoming, address)
    return refusal === undefined ? options.walk(exchange) : options.refuseAtDoor(exchange, refusal)
  }
  const serve = async (incoming: Incoming) =>
    toResponse(await walk(incoming, mcpDoor), options.reply, cors.headersFor(incoming))
  const refuse = async (incoming: Incoming, guard: Guard) => toResponse(await walk(incoming, guard), options.reply)

  app.use(async (c, next) => (isCall(c) ? next() : cors.middleware(c, next)))
  app.all('/mcp', (c) => inFlight.count(() => serve(readIncoming(c))))
  if (options.administration !== undefined) app.route('/', adminRoutes(options.administration))
  app.use(async (c, next) => {
    const incoming = readIncoming(c)
    if (door(incoming, options.clientAddress(incoming)) === undefined) return next()
    return refuse(incoming, door)
  })
  if (options.metadata !== undefined) app.route('/', metadataRoutes(options.metadata))
  app.route('/', operationsRoutes(options.operations))
  app.notFound((c) => refuse(readIncoming(c), () => ({ code: 'not_found' })))
  app.onError((error, c) => {
    options.onError(error)
    return c.json({ error: 'broken', message: REFUSALS.broken.text }, 500)
  })
  return app
}

const isCall = ({ req }: Context<Environment>): boolean => req.path === '/mcp' && req.method !== 'OPTIONS'
