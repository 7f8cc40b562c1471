import { Hono } from 'hono'
import type { Environment } from './environment.ts'

/** Protected resource metadata (RFC 9728). Built from configuration, never from `Host`: that header is the caller's. */
export type ResourceMetadata = {
  readonly resource: string
  readonly resource_name: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly ['header']
}

/** Clients look at the path of the endpoint first and then at the root: both answer. */
export function metadataRoutes(metadata: ResourceMetadata): Hono<Environment> {
  const routes = new Hono<Environment>()
  for (const path of [METADATA_PATH, '/.well-known/oauth-protected-resource']) {
    routes.get(path, (c) => c.json(metadata, 200, { 'cache-control': 'max-age=300' }))
  }
  return routes
}

export const METADATA_PATH = '/.well-known/oauth-protected-resource/mcp'
