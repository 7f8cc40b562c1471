import { readFileSync } from 'node:fs'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { Hono } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { listen } from '../../../src/app.ts'
import type { Config } from '../../../src/config/load.ts'
import type { Environment } from '../../../src/http/environment.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { Tool } from '../../../src/model/tool.ts'
import { BUILTIN_TOOLS } from '../../../src/tools/builtin.ts'
import { loadModules } from '../../../src/tools/load.ts'
import { NO_LINE } from '../../../src/tools/no-line.ts'
import { confine } from '../../../src/tools/workspace/confine.ts'
import { openWorkspaceRoot } from '../../../src/tools/workspace/root.ts'
import { configFrom } from './portcullis.ts'

/** As in the server measured against it: the SDK would build a validator for each request. */
const NO_VALIDATOR = { getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: '' }) }

/**
 * What one writes without policy: the same SDK, listener and tools, and the token of every request verified
 * with `jose`, or remembered until it expires. No guards, schemas, decisions, limits or records.
 */
export async function listenBare(file: string, remembering: boolean): Promise<number> {
  const config = await configFrom(file)
  const authenticate = createAuthenticate(config, remembering)
  const tools = await openTools(config)
  const listed = [...tools.values()].map(listingOf)
  const handler = createMcpHandler(() => {
    const server = new Server(
      { name: 'bare', version: '0.0.0' },
      { capabilities: { tools: {} }, jsonSchemaValidator: NO_VALIDATOR },
    )
    server.setRequestHandler('tools/list', () => ({ tools: listed as never, ttlMs: 0, cacheScope: 'private' as const }))
    server.setRequestHandler('tools/call', async ({ params }) => {
      const run = tools.get(params.name)?.run
      if (run === undefined) throw new Error('unknown tool')
      return (await run((params.arguments ?? {}) as JsonObject)) as never
    })
    return server
  })
  const app = new Hono<Environment>()
  app.post('/mcp', async (c) => {
    if (!(await authenticate(c.req.header('authorization')))) return c.body(null, 401)
    return handler.fetch(c.req.raw)
  })
  return (await listen(app, config)).port
}

function createAuthenticate(
  config: Config,
  remembering: boolean,
): (authorization: string | undefined) => Promise<boolean> {
  const [issuer] = config.issuers
  if (issuer?.jwks.file === undefined) throw new Error('the bare server reads its keys from a file')
  const keys = createLocalJWKSet(JSON.parse(readFileSync(issuer.jwks.file, 'utf8')) as JSONWebKeySet)
  const verified = new LRUCache<string, JWTPayload>({ max: 10_000 })
  const options = { issuer: issuer.issuer, audience: [...issuer.audiences], requiredClaims: ['exp', 'sub'] }
  return async (authorization) => {
    const token = authorization?.replace(/^Bearer /, '') ?? ''
    try {
      const claims = verified.get(token) ?? (await jwtVerify(token, keys, options)).payload
      if (remembering) verified.set(token, claims)
      return (claims.exp ?? 0) * 1000 > Date.now()
    } catch {
      return false
    }
  }
}

type Served = { readonly tool: Tool; readonly run: (args: JsonObject) => Promise<JsonObject> }

async function openTools(config: Config): Promise<ReadonlyMap<string, Served>> {
  const root = openWorkspaceRoot(config.workspace)
  const loaded = await loadModules(config.tools, process.cwd())
  if (!root.ok || !loaded.ok) throw new Error('no workspace or no tools')
  const workspace = confine(root.value, [{ type: 'confine', read: [[]], write: [[]], never: [] }])
  const { signal } = new AbortController()
  const serve = (tool: Tool): [string, Served] => {
    const run = async (args: JsonObject) => {
      const ran = await tool.run(args, { ...NO_LINE, workspace, signal })
      if ('inputRequired' in ran) throw new Error(`${tool.name} asks for input`)
      if (!ran.ok) return { content: [{ type: 'text', text: ran.error.code }], isError: true }
      const structuredContent = ran.value as JsonObject
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
    }
    return [tool.name, { tool, run }]
  }
  return new Map([...BUILTIN_TOOLS, ...loaded.value.tools].map(serve))
}

const listingOf = ({ tool }: Served): JsonObject => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: JSON.parse(JSON.stringify(tool.input)),
  outputSchema: JSON.parse(JSON.stringify(tool.output)),
  annotations: { title: tool.title, readOnlyHint: tool.readOnly, openWorldHint: false },
})
