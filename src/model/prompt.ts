import { type Static, type TSchema, Type } from 'typebox'
import type { ClientCapability, InputRequired } from './caller.ts'
import { ContentBlock } from './content.ts'
import type { ToolResult } from './fault.ts'
import type { Capabilities } from './tool.ts'

/** Values for an argument that begins so; `given` is what the other arguments hold already. */
export type Complete = (
  value: string,
  given: Readonly<Record<string, string>>,
) => readonly string[] | Promise<readonly string[]>

/** What `prompts/get` answers. */
export const PromptAnswer = Type.Object(
  {
    description: Type.Optional(Type.String()),
    messages: Type.Array(
      Type.Object(
        { role: Type.Union([Type.Literal('user'), Type.Literal('assistant')]), content: ContentBlock },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
export type PromptAnswer = Static<typeof PromptAnswer>

/** A prompt: what policy may know of it, and the function that writes its messages once it is permitted. */
export type Prompt<A extends TSchema = TSchema> = {
  readonly name: string
  readonly title: string
  readonly description: string
  /** TypeBox object schema, closed, of strings: prompts have no other arguments. */
  readonly arguments: A
  readonly tags: readonly string[]
  /** True: may ask its caller for input; what comes back to any other answers nothing. */
  readonly asks: boolean
  /** What the client must be able to be asked for. */
  readonly requires: readonly ClientCapability[]
  readonly complete: Readonly<Record<string, Complete>>
  run(args: Static<A>, capabilities: Capabilities): Promise<ToolResult<PromptAnswer> | InputRequired>
}
