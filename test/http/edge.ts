import { createHttpApp } from '../../src/http/app.ts'
import type { Ports } from '../../src/pep/ports.ts'
import { walk } from '../../src/pep/walk.ts'
import { world } from '../unit/pep/world.ts'
import { NAME, VERSION } from './world.ts'

/** The HTTP edge and the walk over ports of which a test replaces some: for what no real port does. */
export const edge = (ports: Partial<Ports>, parts: object = {}) =>
  createHttpApp({
    guards: [],
    mcpGuards: [],
    clientAddress: () => '127.0.0.1',
    allowedOrigins: [],
    bodyLimits: { bytes: 1024, timeoutMs: 1000 },
    maxInFlight: 10,
    newRequestId: () => 'request',
    walk: (exchange) => walk(exchange, world(ports), { enforce: true }),
    refuseAtDoor: (exchange) => walk(exchange, world(ports), { enforce: true }),
    reply: {
      info: { name: NAME, version: VERSION, instructions: '' },
      resourceMetadata: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
      httpStatus: false,
      detail: 'full',
    },
    metadata: {
      resource: 'https://mcp.example.com/mcp',
      resource_name: NAME,
      authorization_servers: [],
      scopes_supported: [],
      bearer_methods_supported: ['header'],
    },
    operations: {
      readiness: async () => ({ policy: { ready: true }, ...parts }),
      metrics: async () => ({ contentType: 'text/plain', text: '' }),
    },
    onError: () => undefined,
  })
