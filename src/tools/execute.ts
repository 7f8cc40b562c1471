import { hash } from 'node:crypto'
import { Compile } from 'typebox/compile'
import type { CallerLine, InputRequired } from '../model/caller.ts'
import type { Content } from '../model/content.ts'
import type { Obligation } from '../model/decision.ts'
import { FAULTS } from '../model/fault.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { REFUSALS } from '../model/refusal.ts'
import type { Tool } from '../model/tool.ts'
import { isContent } from './content.ts'
import { NO_LINE } from './no-line.ts'
import { DEADLINE_MS, type Ended, runToEnd } from './run.ts'
import { CLOSED_WORKSPACE, confine } from './workspace/confine.ts'
import type { WorkspaceRoot } from './workspace/root.ts'

/** The result of MCP `tools/call`, as far as tools of ours fill it. */
export type CallToolResult = {
  readonly content: Content
  readonly structuredContent?: JsonObject
  readonly isError?: true
}

export type Executed = {
  readonly result: CallToolResult
  /** What the tool asks its caller for, instead of a result. */
  readonly asked?: InputRequired['inputRequired']
  readonly outcome: Outcome
  /** What was thrown, for the operator's log alone. */
  readonly cause?: unknown
}

export type Execute = (
  toolName: string,
  args: JsonObject,
  obligations: readonly Obligation[],
  signal: AbortSignal,
  line?: CallerLine,
) => Promise<Executed>

type Options = {
  /** Needed as soon as a tool asks for a workspace. */
  readonly root: WorkspaceRoot | undefined
  readonly tools: readonly Tool[]
  readonly deadlineMs?: number
}

const CANCELLED_TEXT = 'The call was cancelled'

type Runnable = { readonly tool: Tool; readonly answersContent: boolean; isOutput(value: unknown): boolean }

function createRunnables({ root, tools }: Options): ReadonlyMap<string, Runnable> {
  const runnables = new Map<string, Runnable>()
  for (const tool of tools) {
    if (runnables.has(tool.name)) throw new TypeError(`two tools are named ${tool.name}`)
    if (tool.workspace && root === undefined) throw new TypeError(`${tool.name} needs a workspace; configure one`)
    const output = Compile(tool.output)
    const answersContent = isContent(tool.output)
    runnables.set(tool.name, { tool, answersContent, isOutput: (value) => output.Check(value) })
  }
  return runnables
}

/** Runs tools by name, each in the workspace that the decision leaves it. */
export function createExecutor(options: Options): Execute {
  const { root, deadlineMs = DEADLINE_MS } = options
  const runnables = createRunnables(options)

  return async (toolName, args, obligations, caller, line = NO_LINE) => {
    const runnable = runnables.get(toolName)
    if (runnable === undefined) throw new TypeError(`no tool is named ${toolName}`)
    const { tool, isOutput, answersContent } = runnable
    const workspace = tool.workspace && root !== undefined ? confine(root, obligations) : CLOSED_WORKSPACE
    const run = tool.run.bind(tool, args)
    const end = await runToEnd({
      name: tool.name,
      run,
      isAnswer: isOutput,
      asks: tool.asks,
      workspace,
      line,
      caller,
      deadlineMs,
    })
    return executed(end, answersContent, hash('sha256', JSON.stringify(args)))
  }
}

function executed(end: Ended<unknown>, answersContent: boolean, argumentsSha256: string): Executed {
  const result = resultOf(end, answersContent)
  const bytes = sizeOf(result)
  const fault = 'fault' in end ? { fault: end.fault } : {}
  return {
    result,
    outcome: { status: end.status, ...fault, bytes, argumentsSha256 },
    ...('asked' in end && { asked: end.asked }),
    ...('cause' in end && { cause: end.cause }),
  }
}

function resultOf(end: Ended<unknown>, answersContent: boolean): CallToolResult {
  switch (end.status) {
    case 'completed': {
      if (answersContent) return { content: end.value as Content }
      // MCP asks for the serialised value as text too, for clients that do not know structuredContent.
      const structuredContent = end.value as JsonObject
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
    }
    case 'input_required':
      return { content: [] }
    case 'fault':
    case 'confined':
      return failing(FAULTS[end.fault])
    case 'failed':
      return failing(REFUSALS.tool_failed.text)
    case 'cancelled':
    case 'not_run':
      return failing(CANCELLED_TEXT)
  }
}

const failing = (text: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true })

/** Of the text alone where there is nothing else: to write a megabyte out again would take longer than the call. */
function sizeOf({ content }: CallToolResult): number {
  const [first, ...more] = content
  if (first === undefined) return 0
  return first.type === 'text' && more.length === 0
    ? Buffer.byteLength(first.text)
    : Buffer.byteLength(JSON.stringify(content))
}
