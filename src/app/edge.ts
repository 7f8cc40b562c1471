import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../config/load.ts'
import type { HttpOptions } from '../http/app.ts'
import { createClientAddress } from '../http/client-address.ts'
import { guardFlood } from '../http/middleware/flood.ts'
import { guardHeaders } from '../http/middleware/headers.ts'
import { guardHost } from '../http/middleware/host.ts'
import { guardMedia } from '../http/middleware/media.ts'
import { guardOrigin } from '../http/middleware/origin.ts'
import { guardSize } from '../http/middleware/size.ts'
import { guardTarget } from '../http/middleware/target.ts'
import type { Operations } from '../http/operations.ts'
import { METADATA_PATH } from '../http/resource-metadata.ts'
import type { ServerInfo } from '../mcp/protocol.ts'
import type { SharedPorts } from '../pep/ports.ts'
import { refuseAtDoor, walk } from '../pep/walk.ts'
import { addressKey } from '../quota/flood.ts'
import type { Limits } from './limits.ts'
import type { InOnePolicy } from './policy/one-policy.ts'

export function httpOptions(
  config: Config,
  ports: SharedPorts,
  inOnePolicy: InOnePolicy,
  info: ServerInfo,
  { perAddress }: Limits,
  operations: Operations,
  logger: Logger,
): HttpOptions {
  const { limits, denials } = config
  return {
    guards: [
      guardHeaders({ count: limits.header_count, bytes: limits.header_bytes }),
      guardTarget,
      guardHost(servedHosts(config)),
      guardOrigin([config.public_url, ...config.allowed_origins]),
    ],
    mcpGuards: [
      guardFlood({ take: (address) => perAddress.take(addressKey(address)) }),
      guardMedia,
      guardSize(limits.body_bytes),
    ],
    clientAddress: createClientAddress(config.trusted_proxies),
    allowedOrigins: config.allowed_origins,
    bodyLimits: { bytes: limits.body_bytes, timeoutMs: limits.request_timeout_ms },
    maxInFlight: limits.max_connections,
    newRequestId: randomUUID,
    walk: (exchange) => inOnePolicy((own) => walk(exchange, own, { enforce: config.enforce })),
    refuseAtDoor: (exchange, refusal) => refuseAtDoor(exchange, refusal, ports),
    reply: {
      info,
      resourceMetadata: `${config.public_url}${METADATA_PATH}`,
      httpStatus: denials.http_status,
      detail: denials.detail,
    },
    metadata: {
      resource: `${config.public_url}/mcp`,
      resource_name: config.name,
      authorization_servers: config.issuers.map(({ issuer }) => issuer),
      scopes_supported: ['mcp:read'],
      bearer_methods_supported: ['header'],
    },
    operations,
    onError: (error) => logger.error({ error: error.message }, 'http'),
  }
}

/** Loopback names count only while the server listens on loopback: elsewhere they are a rebinding attack. */
function servedHosts({ public_url, allowed_hosts, listen }: Config): readonly string[] {
  const loopback = ['127.0.0.1', '[::1]', 'localhost']
  const local = loopback.includes(listen.host) || listen.host === '::1' ? loopback : []
  return [new URL(public_url).hostname, ...allowed_hosts, ...local]
}
