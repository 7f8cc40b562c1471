import { join } from 'node:path'
import type { AdapterPayload } from 'oidc-provider'
import { errorCode } from '../../lib/error-code.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { DemoIssuer } from '../issuer.ts'
import { createAdapter } from './adapter.ts'
import { createProvider } from './provider.ts'
import { createHandler, type LoopbackServer, listenOnLoopback } from './server.ts'
import { openStore } from './store.ts'

export type AuthorizationServer = { readonly issuer: string; readonly close: () => Promise<void> }

export type AuthorizationServerOptions = {
  readonly stateDir: string
  readonly signingKey: DemoIssuer['signingKey']
  /** The MCP endpoint that tokens are made for. */
  readonly resource: string
  /** Taken if it is free; else another. The issuer, and so what clients remember, goes by it. */
  readonly port: number
  readonly newId: () => string
  readonly now: () => number
  readonly fetch: typeof globalThis.fetch
}

/** Starts the authorization server of the demo on loopback, with what it remembered of the last time. */
export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<Result<AuthorizationServer, string>> {
  const { stateDir, newId, now } = options
  const server = await listenNear(options.port)
  const path = join(stateDir, `logins-${server.port}.json`)
  const store = await openStore<AdapterPayload>({ path, newId, now })
  if (!store.ok) {
    await server.close()
    return store
  }
  const issuer = `http://127.0.0.1:${server.port}`
  server.serve(createHandler(createProvider({ ...options, issuer, adapter: createAdapter(store.value, now) })))
  return ok({ issuer, close: server.close })
}

async function listenNear(port: number): Promise<LoopbackServer> {
  try {
    return await listenOnLoopback(port)
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw error
    return listenOnLoopback(0)
  }
}
