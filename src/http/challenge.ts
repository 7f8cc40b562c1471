import { isScopeToken } from '../lib/scope-token.ts'

/** What every challenge tells a client about where and what to ask for. */
export type ChallengeOptions = {
  /** URL of the protected resource metadata (RFC 9728); absent when none is published. */
  readonly resourceMetadata?: string
  /** What a client should ask for that has no token yet. */
  readonly initialScopes?: readonly string[]
  /** What an authorization server wants before the name of a scope, though its tokens leave it out. */
  readonly scopePrefix?: string
}

type ChallengeError = 'invalid_request' | 'invalid_token' | 'insufficient_scope'

/** The value of `WWW-Authenticate` (RFC 6750, 3). Nothing in it depends on why a token was not accepted. */
export function challenge(
  { resourceMetadata, scopePrefix = '' }: ChallengeOptions,
  { error, scopes = [] }: { readonly error?: ChallengeError; readonly scopes?: readonly string[] } = {},
): string {
  const scope = askable(scopes, scopePrefix).join(' ')
  const parameters = Object.entries({ error, scope: scope || undefined, resource_metadata: resourceMetadata }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]),
  )
  // a scheme must not stand alone
  return `Bearer ${parameters.length === 0 ? 'realm="mcp"' : parameters.join(', ')}`
}

/** RFC 6749, 3.3: a scope that a policy wrote otherwise must not break out of the challenge. */
export const askable = (scopes: readonly string[], prefix: string): readonly string[] =>
  scopes.filter(isScopeToken).map((scope) => `${prefix}${scope}`)
