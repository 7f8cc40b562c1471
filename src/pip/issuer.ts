/** The signature algorithms accepted from any issuer: asymmetric ones only (RFC 8725, 3.2). */
export const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** Values of the `typ` header; `none` stands for a token without one. */
const TOKEN_TYPES = ['at+jwt', 'JWT', 'none'] as const
export type TokenType = (typeof TOKEN_TYPES)[number]

/** Where a token says what about its subject: JSON pointers into its claims. */
export type ClaimMapping = {
  readonly roles: string
  readonly roles_format: 'array' | 'space_separated'
  /** Absent: `/scope`, or else `/scp`. */
  readonly scopes?: string
  /** Absent: the issuer has no tenants. */
  readonly tenant?: string
  /** Absent: `/client_id`, or else `/azp`. */
  readonly client_id?: string
  readonly type: {
    /** Absent: every subject has the default type. */
    readonly claim?: string
    readonly values: Readonly<Record<string, string>>
    readonly default: string
  }
  /** Names of the claims that policy gets to see. */
  readonly keep: readonly string[]
}

/** An authorization server whose tokens are accepted. The names are those of the configuration. */
export type Issuer = {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly Algorithm[]
  readonly token_types: readonly TokenType[]
  /** Names of claims without which a token is not taken. */
  readonly required_claims: readonly string[]
  /** True: its subject ids name folders of the workspace. */
  readonly home: boolean
  /** Seconds. */
  readonly clock_tolerance: number
  /** Seconds from `iat` to `exp`. */
  readonly max_lifetime: number
  readonly claims: ClaimMapping
}
