import { hash } from 'node:crypto'
import { Compile } from 'typebox/compile'
import type { Obligation } from '../model/decision.ts'
import { FAULTS, type FaultCode } from '../model/fault.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import { REFUSALS } from '../model/refusal.ts'
import type { Capabilities, Tool } from '../model/tool.ts'
import { CLOSED_WORKSPACE, confine } from './workspace/confine.ts'
import type { WorkspaceRoot } from './workspace/root.ts'

/** The result of MCP `tools/call`, as far as tools of ours fill it. */
export type CallToolResult = {
  readonly content: readonly [{ readonly type: 'text'; readonly text: string }]
  readonly structuredContent?: JsonObject
  readonly isError?: true
}

export type Executed = {
  readonly result: CallToolResult
  readonly outcome: Outcome
  /** What was thrown, for the operator's log alone. */
  readonly cause?: unknown
}

export type Execute = (
  toolName: string,
  args: JsonObject,
  obligations: readonly Obligation[],
  signal: AbortSignal,
) => Promise<Executed>

type Options = {
  /** Needed as soon as a tool asks for a workspace. */
  readonly root: WorkspaceRoot | undefined
  readonly tools: readonly Tool[]
  readonly deadlineMs?: number
}

const DEADLINE_MS = 30_000

const CANCELLED_TEXT = 'The call was cancelled'

type Ended = Pick<Outcome, 'status' | 'fault'> & Pick<Executed, 'result' | 'cause'>

const ended = (status: Outcome['status'], text: string): Ended => ({
  status,
  result: { content: [{ type: 'text', text }], isError: true },
})
const endedByFault = (status: 'fault' | 'confined', fault: FaultCode): Ended => ({
  ...ended(status, FAULTS[fault]),
  fault,
})

type Runnable = { readonly tool: Tool; isOutput(value: unknown): boolean }

const run = async ({ tool, isOutput }: Runnable, args: JsonObject, capabilities: Capabilities): Promise<Ended> => {
  try {
    const result = await tool.run(args, capabilities)
    if (!result.ok) {
      const { code, confined } = result.error
      if (!Object.hasOwn(FAULTS, code)) throw new TypeError(`${tool.name} answered an unknown fault`)
      return endedByFault(confined ? 'confined' : 'fault', code)
    }
    if (!isOutput(result.value)) throw new TypeError(`the output of ${tool.name} does not match its output schema`)
    const structuredContent = result.value as JsonObject
    // MCP asks for the serialised value as text too, for clients that do not know structuredContent.
    const content = [{ type: 'text', text: JSON.stringify(structuredContent) }] as const
    return { status: 'completed', result: { content, structuredContent } }
  } catch (cause) {
    return { ...ended('failed', REFUSALS.tool_failed.text), cause }
  }
}

/**
 * The signal a tool gets: aborted with the caller's or at the deadline.
 * Not AbortSignal.any with a timeout: this one is released with the call.
 */
const createDeadline = (caller: AbortSignal, ms: number) => {
  const controller = new AbortController()
  const abort = () => controller.abort()
  let expired = false
  const timer = setTimeout(() => {
    expired = true
    abort()
  }, ms)
  caller.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    hasExpired: () => expired,
    release: () => {
      clearTimeout(timer)
      caller.removeEventListener('abort', abort)
    },
  }
}

const createRunnables = ({ root, tools }: Options): ReadonlyMap<string, Runnable> => {
  const runnables = new Map<string, Runnable>()
  for (const tool of tools) {
    if (runnables.has(tool.name)) throw new TypeError(`two tools are named ${tool.name}`)
    if (tool.workspace && root === undefined) throw new TypeError(`${tool.name} needs a workspace; configure one`)
    const output = Compile(tool.output)
    runnables.set(tool.name, { tool, isOutput: (value) => output.Check(value) })
  }
  return runnables
}

/**
 * Runs tools. The promise resolves when `run` has really ended, not before: leases and records wait for
 * it. A tool that outlives its deadline or its caller is told by the signal, and its answer is dropped.
 */
export const createExecutor = (options: Options): Execute => {
  const { root, deadlineMs = DEADLINE_MS } = options
  const runnables = createRunnables(options)

  return async (toolName, args, obligations, caller) => {
    const runnable = runnables.get(toolName)
    if (runnable === undefined) throw new TypeError(`no tool is named ${toolName}`)
    const argumentsSha256 = hash('sha256', JSON.stringify(args))
    const executed = ({ result, cause, ...how }: Ended): Executed => ({
      result,
      outcome: { ...how, bytes: Buffer.byteLength(result.content[0].text), argumentsSha256 },
      ...(cause === undefined ? {} : { cause }),
    })
    if (caller.aborted) return executed(ended('not_run', CANCELLED_TEXT))

    const workspace = runnable.tool.workspace && root !== undefined ? confine(root, obligations) : CLOSED_WORKSPACE
    const deadline = createDeadline(caller, deadlineMs)
    const end = await run(runnable, args, { workspace, signal: deadline.signal })
    deadline.release()
    if (caller.aborted) return executed(ended('cancelled', CANCELLED_TEXT))
    return executed(deadline.hasExpired() ? endedByFault('fault', 'timed_out') : end)
  }
}
