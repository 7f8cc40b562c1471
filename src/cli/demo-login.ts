import { v7 as uuidv7 } from 'uuid'
import type { Config } from '../config/load.ts'
import { type Demo, withAuthorizationServer } from '../demo/open.ts'
import { ok, type Result } from '../lib/result.ts'

export type DemoLogin = {
  readonly issuer: string
  /** The settings of the demo, which trust it. */
  readonly settings: unknown
  readonly close: () => Promise<void>
}

/** The login of `--demo`, next to the MCP server. Loaded here, so that nothing else carries its weight. */
export async function openDemoLogin(demo: Demo, { public_url, listen }: Config): Promise<Result<DemoLogin, string>> {
  const { startAuthorizationServer } = await withoutWarnings(() => import('../demo/authorization-server/start.ts'))
  const resource = `${public_url}/mcp`
  const { stateDir, issuer } = demo
  const { signingKey } = issuer
  const started = await startAuthorizationServer({
    stateDir,
    signingKey,
    resource,
    port: listen.port + 1,
    newId: uuidv7,
    now: Date.now,
    fetch,
  })
  if (!started.ok) return started
  return ok({ ...started.value, settings: withAuthorizationServer(demo.settings, started.value.issuer, resource) })
}

/** While it is imported, oidc-provider asks for Node 22. The login is tested on 20, and the README says so. */
async function withoutWarnings<T>(load: () => Promise<T>): Promise<T> {
  const { warn } = console
  console.warn = () => undefined
  try {
    return await load()
  } finally {
    console.warn = warn
  }
}
