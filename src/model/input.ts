import { type Static, Type } from 'typebox'
import { Resource } from './resource.ts'
import { Subject } from './subject.ts'

export const Action = Type.Object({ name: Type.String({ minLength: 1 }) }, { additionalProperties: false })
export type Action = Static<typeof Action>

/** Circumstances of the call. Times are UTC; the policy has no clock of its own. */
export const Context = Type.Object(
  {
    time: Type.String({ description: 'RFC 3339, milliseconds' }),
    unix: Type.Integer({ description: 'seconds' }),
    weekday: Type.Integer({ minimum: 1, maximum: 7, description: 'ISO 8601: 1 is Monday' }),
    hour: Type.Integer({ minimum: 0, maximum: 23 }),
    minute: Type.Integer({ minimum: 0, maximum: 59 }),
    request_id: Type.String(),
    protocol_version: Type.String(),
    era: Type.Union([Type.Literal('legacy'), Type.Literal('modern')]),
    bytes: Type.Integer({ minimum: 0, description: 'size of the request body' }),
  },
  { additionalProperties: false },
)
export type Context = Static<typeof Context>

/** The question put to the policy, in the shape of an AuthZEN access evaluation request. */
export const PolicyInput = Type.Object(
  { subject: Subject, action: Action, resource: Resource, context: Context },
  { additionalProperties: false },
)
export type PolicyInput = Static<typeof PolicyInput>
