import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { Config } from '../config/load.ts'
import type { HttpOptions } from '../http/app.ts'
import { askable } from '../http/challenge.ts'
import { createClientAddress } from '../http/client-address.ts'
import { guardFlood } from '../http/middleware/flood.ts'
import { guardHeaders } from '../http/middleware/headers.ts'
import { guardHost } from '../http/middleware/host.ts'
import { guardMedia } from '../http/middleware/media.ts'
import { guardOrigin } from '../http/middleware/origin.ts'
import { guardSize } from '../http/middleware/size.ts'
import { guardTarget } from '../http/middleware/target.ts'
import type { Operations } from '../http/operations.ts'
import { METADATA_PATH, type ResourceMetadata } from '../http/resource-metadata.ts'
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
  const { limits, denials, resource_metadata } = config
  const published = resource_metadata.publish ? metadataOf(config) : undefined
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
      ...(published !== undefined && { resourceMetadata: `${config.public_url}${METADATA_PATH}` }),
      initialScopes: resource_metadata.scopes_supported,
      scopePrefix: resource_metadata.scope_prefix,
      httpStatus: denials.http_status,
      detail: denials.detail,
    },
    ...(published !== undefined && { metadata: published }),
    operations,
    onError: (error) => logger.error({ error: error.message }, 'http'),
  }
}

const metadataOf = ({ public_url, name, issuers, resource_metadata }: Config): ResourceMetadata => ({
  resource: `${public_url}/mcp`,
  resource_name: name,
  // an issuer that is not a URL has no endpoints (RFC 9728, 2)
  authorization_servers: issuers.map(({ issuer }) => issuer).filter((issuer) => /^https?:/.test(issuer)),
  scopes_supported: askable(resource_metadata.scopes_supported, resource_metadata.scope_prefix),
  bearer_methods_supported: ['header'],
})

/** Loopback names count only while the server listens on loopback: elsewhere they are a rebinding attack. */
function servedHosts({ public_url, allowed_hosts, listen }: Config): readonly string[] {
  const loopback = ['127.0.0.1', '[::1]', 'localhost']
  const local = loopback.includes(listen.host) || listen.host === '::1' ? loopback : []
  return [new URL(public_url).hostname, ...allowed_hosts, ...local]
}
