import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const

const Body = {
  uri: Type.String(),
  mimeType: Type.Optional(Type.String()),
}

/** What stands at a URI: text, or bytes in base64. */
export const ResourceContents = Type.Union([
  Type.Object({ ...Body, text: Type.String() }, closed),
  Type.Object({ ...Body, blob: Type.String({ description: 'base64' }) }, closed),
])
export type ResourceContents = Static<typeof ResourceContents>

const Media = { data: Type.String({ description: 'base64' }), mimeType: Type.String() }

/** A piece of what a model is shown (2025-11-25, server/tools: ContentBlock). */
export const ContentBlock = Type.Union([
  Type.Object({ type: Type.Literal('text'), text: Type.String() }, closed),
  Type.Object({ type: Type.Literal('image'), ...Media }, closed),
  Type.Object({ type: Type.Literal('audio'), ...Media }, closed),
  Type.Object({ type: Type.Literal('resource'), resource: ResourceContents }, closed),
  Type.Object(
    {
      type: Type.Literal('resource_link'),
      uri: Type.String(),
      name: Type.String(),
      title: Type.Optional(Type.String()),
      description: Type.Optional(Type.String()),
      mimeType: Type.Optional(Type.String()),
    },
    closed,
  ),
])
export type ContentBlock = Static<typeof ContentBlock>

/** The output of a tool that answers content for a model instead of data. */
export const Content = Type.Array(ContentBlock, { title: 'Content' })
export type Content = Static<typeof Content>
