import { Type } from 'typebox'
import { closed, name, pointer, section, whole } from '../lib/setting-types.ts'

const Claims = section(
  {
    roles: pointer('JSON pointer of the claim that holds the roles', { default: '/roles' }),
    roles_format: Type.Enum(['array', 'space_separated'], {
      default: 'array',
      description: 'Form of that claim; in any other form it grants nothing',
    }),
    scopes: Type.Optional(pointer('JSON pointer of the claim that holds the scopes; else `/scope`, or `/scp`')),
    tenant: Type.Optional(pointer('JSON pointer of the claim that names the tenant; else there are no tenants')),
    client_id: Type.Optional(pointer('JSON pointer of the claim that names the client; else `/client_id`, or `/azp`')),
    type: section(
      {
        claim: Type.Optional(pointer('JSON pointer of the claim that tells the type of subject')),
        values: Type.Record(Type.String(), name('Type of subject'), {
          default: {},
          description: 'Value of that claim → type of subject',
          examples: [{ 'client-credentials': 'service' }],
        }),
        default: name('Type of all others', { default: 'user' }),
      },
      'How a token tells users from agents and services',
    ),
    keep: Type.Array(name('Name of a claim'), {
      default: [],
      description: 'Names of the claims that policies may read',
    }),
  },
  'Where tokens of this issuer say what about their subject',
)

/** An authorization server whose tokens are accepted. */
export const Issuer = Type.Object(
  {
    issuer: Type.String({
      minLength: 1,
      description: 'The `iss` of its tokens, exactly',
      examples: ['https://login.example.com'],
    }),
    audiences: Type.Array(name('An audience'), {
      minItems: 1,
      description: 'A token must name one of them as `aud`, exactly',
      examples: [['https://mcp.example.com/mcp']],
    }),
    jwks: Type.Object(
      {
        url: Type.Optional(Type.String({ description: 'Address of its key set' })),
        file: Type.Optional(
          Type.String({ minLength: 1, description: 'File with its key set, read again when it changes' }),
        ),
        discover: Type.Optional(
          Type.Literal(true, {
            description: 'Take the address from the metadata of the issuer (RFC 8414 or OpenID Connect)',
          }),
        ),
        max_stale: whole(600, 604_800, 3600, 'Seconds after which keys that cannot be read again are no longer used'),
        private_addresses: Type.Boolean({
          default: false,
          description: 'Read them from private addresses too: for an issuer inside the own network',
        }),
      },
      {
        ...closed,
        description: 'Its public keys: `url`, `file` or `discover`',
        examples: [{ url: 'https://login.example.com/jwks' }],
      },
    ),
    algorithms: Type.Array(Type.Enum(['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']), {
      minItems: 1,
      default: ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519'],
      description: 'Signature algorithms accepted',
    }),
    token_types: Type.Array(Type.Enum(['at+jwt', 'JWT', 'none']), {
      minItems: 1,
      default: ['at+jwt'],
      description: 'Values of the `typ` header accepted; `none` means no `typ`',
    }),
    required_claims: Type.Array(name('Name of a claim'), {
      default: [],
      description: 'Claims without which a token is not taken: what only access tokens of this issuer have',
      examples: [['azp']],
    }),
    home: Type.Boolean({
      default: false,
      description: 'Its subject ids name folders of the workspace; one issuer at most',
    }),
    clock_tolerance: whole(0, 60, 30, 'Seconds that clocks may differ'),
    max_lifetime: whole(60, 31_622_400, 86_400, 'Longest life of a token in seconds'),
    claims: Claims,
  },
  closed,
)
