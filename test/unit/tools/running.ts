import type { InputRequired } from '../../../src/model/caller.ts'
import type { ToolResult } from '../../../src/model/fault.ts'
import type { Capabilities } from '../../../src/model/tool.ts'
import type { Workspace } from '../../../src/model/workspace.ts'
import { NO_LINE } from '../../../src/tools/no-line.ts'

/** What a tool gets whose caller asked for nothing. */
export const capabilities = (workspace: Workspace, signal = new AbortController().signal): Capabilities => ({
  ...NO_LINE,
  workspace,
  signal,
})

/** The result of a tool that asks its caller for nothing. */
export async function resultOf<T>(running: Promise<ToolResult<T> | InputRequired>): Promise<ToolResult<T>> {
  const result = await running
  if ('inputRequired' in result) throw new Error('the tool asks for input')
  return result
}
