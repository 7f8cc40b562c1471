import type { Logger } from 'pino'
import type { Config } from '../../config/load.ts'
import { type AdminSocket, listenOnSocket } from '../../http/admin/socket.ts'
import { createLocalAdminApp } from '../../http/admin.ts'
import type { HttpOptions } from '../../http/app.ts'
import { guardFlood } from '../../http/middleware/flood.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { addressKey } from '../../quota/flood.ts'
import type { Limits } from '../limits.ts'
import type { AdminWalks } from './walks.ts'

/** The HTTP edge, and administration behind the same guards and limits as `/mcp`, if it is wanted. */
export function withAdministration(
  config: Config,
  edge: HttpOptions,
  { perAddress }: Limits,
  { walk, refuseAtDoor }: AdminWalks,
): HttpOptions {
  const flood = guardFlood({ take: (address) => perAddress.take(addressKey(address)) })
  if (!config.admin.enabled) return edge
  const administration = { ...shared(config, edge), guards: [...edge.guards, flood], walk, refuseAtDoor }
  return { ...edge, administration }
}

/** Administration from a shell of this machine. Another server on the same socket is no reason not to serve. */
export async function openAdminSocket(
  config: Config,
  edge: HttpOptions,
  { breakGlass, refuseAtDoor }: AdminWalks,
  logger: Logger,
): Promise<Result<AdminSocket | undefined, readonly string[]>> {
  const { socket } = config.admin
  if (socket === undefined) return ok(undefined)
  const local = { ...shared(config, edge), guards: [], clientAddress: () => 'local', walk: breakGlass, refuseAtDoor }
  const opened = await listenOnSocket(createLocalAdminApp(local, edge.onError), socket)
  if (opened.ok) return opened
  if (opened.error.kind === 'unusable') return err([`admin.socket: ${opened.error.message}`])
  logger.warn({ socket }, `no administration from this machine's shell: ${opened.error.message}`)
  return ok(undefined)
}

const shared = ({ policy, limits }: Config, { clientAddress, newRequestId, reply }: HttpOptions) => ({
  clientAddress,
  bundleBytes: policy.max_bytes,
  timeoutMs: limits.request_timeout_ms,
  newRequestId,
  // what it takes to administer is for the policy to say
  reply: { ...reply, initialScopes: [] },
})
