import type { CallerLine, InputRequired } from '../model/caller.ts'
import { FAULTS, type FaultCode, type ToolResult } from '../model/fault.ts'
import type { Capabilities } from '../model/tool.ts'
import type { Workspace } from '../model/workspace.ts'

export const DEADLINE_MS = 30_000

/** How something that a module defines came to its end. */
export type Ended<T> =
  | { readonly status: 'completed'; readonly value: T }
  | { readonly status: 'input_required'; readonly asked: InputRequired['inputRequired'] }
  | { readonly status: 'fault' | 'confined'; readonly fault: FaultCode }
  | { readonly status: 'failed'; readonly cause: unknown }
  | { readonly status: 'cancelled' | 'not_run' }

export type Running<T> = {
  /** For the operator's log. */
  readonly name: string
  readonly run: (capabilities: Capabilities) => Promise<ToolResult<T> | InputRequired>
  readonly isAnswer: (value: T) => boolean
  /** True: it may ask its caller for input. */
  readonly asks: boolean
  readonly workspace: Workspace
  readonly line: CallerLine
  /** Aborted when the caller has gone. */
  readonly caller: AbortSignal
  readonly deadlineMs: number
}

/**
 * Runs what a module defines. The promise resolves when `run` has really ended, not before: leases and records
 * wait for it. What outlives its deadline or its caller is told by the signal, and its answer is dropped.
 */
export async function runToEnd<T>(running: Running<T>): Promise<Ended<T>> {
  const { caller, deadlineMs, workspace, line } = running
  if (caller.aborted) return { status: 'not_run' }
  const deadline = createDeadline(caller, deadlineMs)
  const end = await attempt(running, { ...line, workspace, signal: deadline.signal })
  deadline.release()
  if (caller.aborted) return { status: 'cancelled' }
  return deadline.hasExpired() ? { status: 'fault', fault: 'timed_out' } : end
}

async function attempt<T>({ name, run, isAnswer, asks }: Running<T>, capabilities: Capabilities): Promise<Ended<T>> {
  try {
    const result = await run(capabilities)
    if (isQuestion(result)) {
      if (!asks) throw new TypeError(`${name} asks for input; its definition needs asks: true`)
      return { status: 'input_required', asked: result.inputRequired }
    }
    if (!result.ok) {
      const { code, confined } = result.error
      if (!Object.hasOwn(FAULTS, code)) throw new TypeError(`${name} answered an unknown fault`)
      return { status: confined ? 'confined' : 'fault', fault: code }
    }
    if (!isAnswer(result.value)) throw new TypeError(`the output of ${name} does not match its output schema`)
    return { status: 'completed', value: result.value }
  } catch (cause) {
    return { status: 'failed', cause }
  }
}

/** What a module answers in spite of its types ends as a failure of its own. */
const isQuestion = (result: ToolResult<unknown> | InputRequired): result is InputRequired =>
  typeof result === 'object' && result !== null && 'inputRequired' in result

/**
 * The signal that `run` gets: aborted with the caller's or at the deadline.
 * Not AbortSignal.any with a timeout: this one is released with the call.
 */
function createDeadline(caller: AbortSignal, ms: number) {
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
