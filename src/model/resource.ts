import { type Static, Type } from 'typebox'

export const Access = Type.Union([Type.Literal('read'), Type.Literal('write'), Type.Literal('list')])
export type Access = Static<typeof Access>

/** A path argument of a call, cut into the segments that the tool will walk. `[]` is the root of the workspace. */
export const PathArgument = Type.Object(
  {
    argument: Type.String({ description: 'JSON pointer of the argument' }),
    segments: Type.Array(Type.String()),
    access: Access,
  },
  { additionalProperties: false },
)
export type PathArgument = Static<typeof PathArgument>

/**
 * What is called, as our own catalogue describes it. An unknown name has empty properties.
 * Without `arguments` the question is whether some call could be permitted; lists ask that.
 */
export const Resource = Type.Object(
  {
    type: Type.String({ minLength: 1, description: 'tool, prompt, resource, resource_template, server, task, …' }),
    id: Type.String({ description: 'name or canonical URI' }),
    properties: Type.Object({
      server: Type.Optional(Type.String({ description: 'the MCP server that offers it' })),
      read_only: Type.Optional(Type.Boolean()),
      access: Type.Optional(Type.Array(Access, { description: 'every kind of access its path arguments ask for' })),
      tags: Type.Optional(Type.Array(Type.String())),
      uri: Type.Optional(
        Type.Object(
          { scheme: Type.String(), host: Type.String(), segments: Type.Array(Type.String()) },
          { additionalProperties: false, description: 'of a resource: its canonical URI in parts, decoded' },
        ),
      ),
      template: Type.Optional(Type.String({ description: 'of a resource: the template its URI came from' })),
      arguments: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), { description: 'defaults applied; payloads as bytes and sha256' }),
      ),
      paths: Type.Optional(Type.Array(PathArgument)),
    }),
  },
  { additionalProperties: false },
)
export type Resource = Static<typeof Resource>
