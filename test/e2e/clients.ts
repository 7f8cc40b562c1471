import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

export type CallResult = {
  readonly isError: boolean
  readonly text: string
  readonly structured: unknown
}

/** What both SDK generations can do, so that a test can ask them alike. */
export type McpClient = {
  readonly listTools: () => Promise<readonly string[]>
  readonly callTool: (name: string, args: Record<string, unknown>) => Promise<CallResult>
  readonly close: () => Promise<void>
}

export type Connect = (url: URL, token: string) => Promise<McpClient>

const authorized = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } })

/** A client of `@modelcontextprotocol/sdk` 1.x: protocol 2025-11-25 and earlier. */
export const connectLegacy: Connect = async (url, token) => {
  const client = new LegacyClient({ name: 'e2e-legacy', version: '1.0.0' })
  const transport = new LegacyTransport(url, authorized(token))
  await client.connect(transport as Parameters<typeof client.connect>[0])
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args) => toCallResult(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  }
}

const modern =
  (mode: 'auto' | { pin: string }): Connect =>
  async (url, token) => {
    const client = new ModernClient({ name: 'e2e-modern', version: '1.0.0' }, { versionNegotiation: { mode } })
    await client.connect(new ModernTransport(url, authorized(token)))
    return {
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      callTool: async (name, args) => toCallResult(await client.callTool({ name, arguments: args })),
      close: () => client.close(),
    }
  }

/** A client of `@modelcontextprotocol/client` 2.x, held to 2026-07-28. */
export const connectModern = modern({ pin: '2026-07-28' })

/** The same client, that finds out by itself. */
export const connectAuto = modern('auto')

export function toCallResult(result: unknown): CallResult {
  const { isError, content, structuredContent } = result as {
    isError?: boolean
    content: readonly { readonly text?: string }[]
    structuredContent?: unknown
  }
  return {
    isError: isError === true,
    text: content.map(({ text }) => text ?? '').join(''),
    structured: structuredContent,
  }
}
