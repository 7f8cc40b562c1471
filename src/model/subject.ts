import { type Static, Type } from 'typebox'

/** Who acts for a subject. */
export const Actor = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256, description: 'the `sub` of an `act` claim' }),
    issuer: Type.String({ minLength: 1, description: 'its `iss`, or else that of the token' }),
  },
  { additionalProperties: false },
)
export type Actor = Static<typeof Actor>

/** Who calls, as a verified token and the configuration of its issuer say. */
export const Subject = Type.Object(
  {
    type: Type.String({ minLength: 1, description: 'user, agent, service or what the configuration maps a claim to' }),
    id: Type.String({ minLength: 1, maxLength: 256, description: 'the `sub` of the token, unique within its issuer' }),
    properties: Type.Object(
      {
        issuer: Type.String({ minLength: 1, description: 'the `iss` of the token' }),
        home: Type.Boolean({ description: 'true when the issuer is the one whose ids name folders of the workspace' }),
        tenant: Type.String({ description: 'the configured tenant claim; empty when the issuer has none' }),
        actors: Type.Optional(
          Type.Array(Actor, {
            maxItems: 5,
            description: 'who acts for the subject (RFC 8693), nearest first; empty when it acts itself',
          }),
        ),
        client_id: Type.String({ description: 'the OAuth client the token was issued to; empty when unknown' }),
        roles: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256 }),
        scopes: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 256 }),
        claims: Type.Record(Type.String(), Type.Unknown(), {
          description: 'only the claims named in the configuration',
        }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)
export type Subject = Static<typeof Subject>
