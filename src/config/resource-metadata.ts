import { Type } from 'typebox'
import { SCOPE_TOKEN } from '../lib/scope-token.ts'
import { section } from '../lib/setting-types.ts'

/** What clients are told before they have a token. */
export const ResourceMetadata = section(
  {
    publish: Type.Boolean({
      default: true,
      description:
        '`false` serves no metadata and names none in challenges: for clients that drop a configured header where they find it',
    }),
    scopes_supported: Type.Array(Type.String({ pattern: SCOPE_TOKEN }), {
      default: ['mcp:read'],
      description: 'The few scopes to begin with; what needs more says so in its challenge',
      examples: [['mcp:read']],
    }),
    scope_prefix: Type.String({
      pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]*$',
      default: '',
      description: 'What the authorization server wants before the name of a scope, though its tokens leave it out',
      examples: ['api://portcullis/'],
    }),
  },
  'Protected resource metadata (RFC 9728)',
)
