import type { HttpBindings } from '@hono/node-server'

/** What Hono hands to every handler: Node's request where there is a socket, nothing in process. */
export type Environment = { Bindings: Partial<HttpBindings> }
