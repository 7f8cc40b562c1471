import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Exchange } from '../model/exchange.ts'
import type { RefusalAt } from '../model/refusal.ts'
import type { Walked } from '../pep/trail.ts'
import type { BodyLimits } from './body.ts'
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
  readonly metadata: ResourceMetadata
  readonly operations: Operations
  readonly onError: (error: Error) => void
}

const CORS = {
  allowMethods: ['POST', 'GET'],
  exposeHeaders: ['WWW-Authenticate', 'Retry-After', 'RateLimit', 'RateLimit-Policy'],
  maxAge: 600,
}

/** The HTTP edge: guards, then the walk, then its answer. Hono is known in this folder only. */
export function createHttpApp(options: HttpOptions): Hono<Environment> {
  const app = new Hono<Environment>()
  const door = allOf(...options.guards)
  const inFlight = createInFlight(options.maxInFlight)
  const mcpDoor = allOf(inFlight.guard, ...options.guards, ...options.mcpGuards)
  const answer = async (incoming: Incoming, guard: Guard, serve: (exchange: Exchange) => Promise<Walked>) => {
    const address = options.clientAddress(incoming)
    const exchange = toExchange(incoming, address, options.newRequestId(), options.bodyLimits)
    const refusal = guard(incoming, address)
    const walked = await (refusal === undefined ? serve(exchange) : options.refuseAtDoor(exchange, refusal))
    return toResponse(walked, options.reply)
  }

  const { allowedOrigins } = options
  app.use(cors({ ...CORS, origin: (origin) => (allowedOrigins.includes(origin) ? origin : null) }))
  app.all('/mcp', (c) => inFlight.count(() => answer(readIncoming(c), mcpDoor, options.walk)))
  app.use(async (c, next) => {
    const incoming = readIncoming(c)
    if (door(incoming, options.clientAddress(incoming)) === undefined) return next()
    return answer(incoming, door, options.walk)
  })
  app.route('/', metadataRoutes(options.metadata))
  app.route('/', operationsRoutes(options.operations))
  app.notFound((c) => answer(readIncoming(c), () => ({ code: 'not_found' }), options.walk))
  app.onError((error, c) => {
    options.onError(error)
    return c.json({ error: 'broken', message: 'No decision could be made' }, 500)
  })
  return app
}
