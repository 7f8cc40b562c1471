import { Hono } from 'hono'
import type { Exchange } from '../model/exchange.ts'
import { REFUSALS, type RefusalAt } from '../model/refusal.ts'
import type { Walked } from '../pep/trail.ts'
import { ADMIN_ROUTES, type AdminAction } from './admin/actions.ts'
import { guardAdminMedia } from './admin/media.ts'
import { type AdminReplyOptions, toAdminResponse } from './admin/reply.ts'
import type { Environment } from './environment.ts'
import { toExchange } from './exchange.ts'
import { createInFlight } from './in-flight.ts'
import { type Incoming, readIncoming } from './incoming.ts'
import { allOf, type Guard } from './middleware/guard.ts'
import { guardSize } from './middleware/size.ts'

export type Administration = {
  /** What every request passes before anything of it is trusted. */
  readonly guards: readonly Guard[]
  readonly clientAddress: (incoming: Incoming) => string
  /** Largest bundle that is taken. */
  readonly bundleBytes: number
  readonly timeoutMs: number
  readonly newRequestId: () => string
  readonly walk: (exchange: Exchange, action: AdminAction) => Promise<Walked>
  readonly refuseAtDoor: (exchange: Exchange, refusal: RefusalAt<'guard'>) => Promise<Walked>
  readonly reply: AdminReplyOptions
}

/** Bundles in memory at the same time are bounded by this, whoever sends them. */
const MAX_IN_FLIGHT = 4
/** Of a body that is no bundle. */
const SMALL_BYTES = 4096

/** Administration of the policies: each address is one action, and every request takes the walk. */
export function adminRoutes(options: Administration): Hono<Environment> {
  const routes = new Hono<Environment>()
  const inFlight = createInFlight(MAX_IN_FLIGHT)
  for (const { action, method, path } of ADMIN_ROUTES) {
    const bytes = action === 'policy/check' ? options.bundleBytes : SMALL_BYTES
    const door = allOf(inFlight.guard, ...options.guards, guardAdminMedia(action), guardSize(bytes))
    const serve = async (incoming: Incoming) => {
      const address = options.clientAddress(incoming)
      const limits = { bytes, timeoutMs: options.timeoutMs }
      const exchange = toExchange(incoming, address, options.newRequestId(), limits)
      const refusal = door(incoming, address)
      const walking = refusal === undefined ? options.walk(exchange, action) : options.refuseAtDoor(exchange, refusal)
      return toAdminResponse(await walking, options.reply)
    }
    routes.on(method, path, (c) => inFlight.count(() => serve(readIncoming(c))))
  }
  return routes
}

/** The same addresses and nothing else, for a socket that only this machine's own user can open. */
export function createLocalAdminApp(options: Administration, onError: (error: Error) => void): Hono<Environment> {
  const app = new Hono<Environment>()
  app.route('/', adminRoutes(options))
  app.notFound((c) => c.json({ error: 'not_found', message: REFUSALS.not_found.text }, 404))
  app.onError((error, c) => {
    onError(error)
    return c.json({ error: 'broken', message: REFUSALS.broken.text }, 500)
  })
  return app
}
