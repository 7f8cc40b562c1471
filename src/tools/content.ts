import { Content, type ContentBlock } from '../model/content.ts'
import type { ToolResult } from '../model/fault.ts'

const SHAPE = JSON.stringify(Content)

/** By its shape: a tool module may resolve another copy of this package than the server runs. */
export const isContent = (schema: unknown): boolean => schema === Content || JSON.stringify(schema) === SHAPE

/** What a tool with `output: Content` answers. */
export const content = (...blocks: readonly ContentBlock[]): ToolResult<Content> => ({ ok: true, value: [...blocks] })
