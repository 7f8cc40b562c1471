import { hkdfSync } from 'node:crypto'
import type { JWK } from 'jose'
import { type AdapterFactory, type Configuration, errors, Provider } from 'oidc-provider'
import { DEMO_USERS } from '../users.ts'
import { errorPage } from './pages.ts'
import { DEMO_SCOPES, MCP_SCOPES } from './scopes.ts'

export type ProviderOptions = {
  readonly issuer: string
  /** The MCP endpoint: the one audience that tokens are made for (RFC 8707). */
  readonly resource: string
  readonly signingKey: JWK
  readonly adapter: AdapterFactory
  /** Reads client metadata documents. `oidc-provider` gives it a dispatcher that refuses special-use addresses. */
  readonly fetch: typeof globalThis.fetch
}

const MINUTE = 60
const DAY = 86_400

const userOf = (accountId: string) => DEMO_USERS.find(({ name }) => name === accountId)

/** The authorization server of the demo: code flow with PKCE for public clients, resource-bound JWT access tokens. */
export function createProvider(options: ProviderOptions): Provider {
  const { issuer, signingKey, adapter } = options
  const provider = new Provider(issuer, {
    adapter,
    jwks: { keys: [signingKey as never] },
    scopes: Object.keys(DEMO_SCOPES),
    claims: { openid: ['sub'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    // MCP clients run on the person's machine: a redirect to a loopback address, at any port (RFC 8252, 7.3)
    clientDefaults: { application_type: 'native', id_token_signed_response_alg: 'ES256' },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    ttl: {
      AccessToken: 60 * MINUTE,
      AuthorizationCode: MINUTE,
      IdToken: 60 * MINUTE,
      Interaction: 15 * MINUTE,
      RefreshToken: 14 * DAY,
      Session: DAY,
      Grant: 14 * DAY,
    },
    cookies: cookiesOf(issuer, signingKey),
    features: featuresOf(options),
    extraClientMetadata: { properties: ['software_version'], validator: widenScope },
    extraTokenClaims: async (_ctx, token) =>
      'accountId' in token ? { roles: userOf(token.accountId)?.roles ?? [] } : undefined,
    findAccount: async (_ctx, id) =>
      userOf(id) === undefined ? undefined : { accountId: id, claims: async () => ({ sub: id }) },
    fetch: guardedFetch(options.fetch),
    fetchResponseBodyLimits: { jwks_uri: 5120, sector_identifier_uri: 5120 },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError: async (ctx, out) => {
      const page = errorPage(out.error_description ?? out.error)
      ctx.type = 'html'
      ctx.set(page.headers)
      ctx.body = page.body
    },
  })
  return provider
}

const featuresOf = ({ resource }: ProviderOptions): NonNullable<Configuration['features']> => ({
  devInteractions: { enabled: false },
  userinfo: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  dPoP: { enabled: false },
  revocation: { enabled: true },
  registration: { enabled: true, issueRegistrationAccessToken: false },
  clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
  resourceIndicators: {
    enabled: true,
    // some clients do not name the resource
    defaultResource: async () => resource,
    useGrantedResource: async () => true,
    getResourceServerInfo: async (_ctx, indicator) => {
      if (indicator !== resource) throw new errors.InvalidTarget(`the only resource here is ${resource}`)
      return {
        scope: MCP_SCOPES.join(' '),
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }
    },
  },
})

/** Cookies do not know ports: their names tell this server from others on the same address. */
function cookiesOf(issuer: string, { d = '' }: JWK): NonNullable<Configuration['cookies']> {
  const { port } = new URL(issuer)
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', 'portcullis demo cookies', 32))
  const named = { httpOnly: true, sameSite: 'lax', signed: true } as const
  return {
    keys: [key.toString('base64url')],
    names: {
      session: `portcullis_${port}_session`,
      interaction: `portcullis_${port}_login`,
      resume: `portcullis_${port}_resume`,
    },
    long: named,
    short: named,
  }
}

/**
 * Clients register the scopes of their first challenge, and would be held to them when they step up.
 * The server may register others than those asked for (RFC 7591, 3.2.1).
 */
function widenScope(_ctx: unknown, _key: string, _value: unknown, metadata: { scope?: string | undefined }): void {
  metadata.scope = Object.keys(DEMO_SCOPES).join(' ')
}

/** Without the dispatcher that refuses special-use addresses nothing is fetched at all. */
const guardedFetch =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    if (init === undefined || !('dispatcher' in init)) throw new TypeError('no protected dispatcher')
    return fetch(input, init)
  }
