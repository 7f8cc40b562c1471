import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  UnauthorizedError as ModernUnauthorized,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import { UnauthorizedError as LegacyUnauthorized } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type Answers, openBrowser } from './browser.ts'
import { type CallResult, toCallResult } from './clients.ts'

/** What a client keeps between its runs, as both SDK generations ask for it. */
export type Memory = {
  readonly redirect: string
  client?: StoredOAuthClientInformation
  tokens?: StoredOAuthTokens
  /** The addresses that the person was sent to. */
  readonly opened: URL[]
  /** The titles of the pages that the person saw. */
  readonly shown: string[]
}

export type OAuthClient = {
  readonly listTools: () => Promise<readonly string[]>
  readonly callTool: (name: string, args: Record<string, unknown>) => Promise<CallResult>
  /** Sends the person to the address the client asked for, and takes what comes back. */
  readonly logIn: (answers: Answers) => Promise<void>
  /** Takes what came back of a login done elsewhere. */
  readonly finish: (callback: URLSearchParams) => Promise<void>
  readonly close: () => Promise<void>
}

export type OAuthSdk = {
  readonly name: string
  /** Connects with what the memory holds; rejects when a person is needed. */
  readonly open: (url: URL, memory: Memory) => OAuthClient & { readonly connect: () => Promise<void> }
  /** True for what the client throws when a person has to log in. */
  readonly needsLogin: (error: unknown) => boolean
}

/** Where clients wait for the answer, as they say; these tests catch it before. */
const REDIRECT = 'http://127.0.0.1:53682/callback'

export const newMemory = (redirect = REDIRECT): Memory => ({ redirect, opened: [], shown: [] })

/** An `OAuthClientProvider`, as an application writes it: it remembers, and notes where it sends the person. */
function providerOf(memory: Memory) {
  let verifier = ''
  let discovered: OAuthDiscoveryState | undefined
  return {
    redirectUrl: memory.redirect,
    clientMetadata: {
      client_name: 'End-to-end test',
      redirect_uris: [memory.redirect],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => memory.client,
    saveClientInformation: (client: StoredOAuthClientInformation) => {
      memory.client = client
    },
    tokens: () => memory.tokens,
    saveTokens: (tokens: StoredOAuthTokens) => {
      memory.tokens = tokens
    },
    redirectToAuthorization: (url: URL) => {
      memory.opened.push(url)
    },
    saveCodeVerifier: (value: string) => {
      verifier = value
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state: OAuthDiscoveryState) => {
      discovered = state
    },
    discoveryState: () => discovered,
  }
}

/** Each login is a fresh browser: whoever it is chooses again. */
async function callbackOf(memory: Memory, answers: Answers): Promise<URLSearchParams> {
  const url = memory.opened.at(-1)
  if (url === undefined) throw new Error('the client did not ask for a login')
  const browser = openBrowser()
  const { searchParams } = await browser.logIn(url, answers)
  memory.shown.push(...browser.shown)
  return searchParams
}

/** `@modelcontextprotocol/sdk` 1.x. */
export const legacySdk: OAuthSdk = {
  name: 'SDK 1.x',
  needsLogin: (error) => error instanceof LegacyUnauthorized,
  open: (url, memory) => {
    const client = new LegacyClient({ name: 'e2e-oauth-legacy', version: '1.0.0' })
    const transport = new LegacyTransport(url, { authProvider: providerOf(memory) })
    return {
      connect: () => client.connect(transport as Parameters<typeof client.connect>[0]),
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      callTool: async (name, args) => toCallResult(await client.callTool({ name, arguments: args })),
      logIn: async (answers) => transport.finishAuth((await callbackOf(memory, answers)).get('code') ?? ''),
      finish: (callback) => transport.finishAuth(callback.get('code') ?? ''),
      close: () => client.close(),
    }
  },
}

/** `@modelcontextprotocol/client` 2.x. */
const modernSdk = (name: string, mode: 'auto' | { pin: string }): OAuthSdk => ({
  name,
  needsLogin: (error) => error instanceof ModernUnauthorized,
  open: (url, memory) => {
    const client = new ModernClient({ name: 'e2e-oauth-modern', version: '1.0.0' }, { versionNegotiation: { mode } })
    const transport = new ModernTransport(url, { authProvider: providerOf(memory) })
    return {
      connect: () => client.connect(transport),
      listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
      callTool: async (tool, args) => toCallResult(await client.callTool({ name: tool, arguments: args })),
      logIn: async (answers) => transport.finishAuth(await callbackOf(memory, answers)),
      finish: (callback) => transport.finishAuth(callback),
      close: () => client.close(),
    }
  },
})

export const OAUTH_SDKS: readonly OAuthSdk[] = [
  legacySdk,
  modernSdk('SDK 2.x, modern', { pin: '2026-07-28' }),
  modernSdk('SDK 2.x, auto', 'auto'),
]

/** Connects; when the client asks for a person, the person logs in and the client starts again. */
export async function connectAs(sdk: OAuthSdk, url: URL, memory: Memory, answers: Answers): Promise<OAuthClient> {
  const first = sdk.open(url, memory)
  try {
    await first.connect()
    return first
  } catch (error) {
    if (!sdk.needsLogin(error)) throw error
  }
  await first.logIn(answers)
  await first.close()
  const second = sdk.open(url, memory)
  await second.connect()
  return second
}
