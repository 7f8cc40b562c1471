import { deferred } from '../lib/deferred.ts'
import { whenEnded } from '../lib/when-ended.ts'
import type { McpCall } from '../model/call.ts'
import type { Obligation } from '../model/decision.ts'
import type { JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Reply } from '../model/reply.ts'
import type { Protocol } from './protocol.ts'
import { refusalResult } from './refusal-message.ts'

type Executed = { readonly result: JsonObject; readonly outcome: Outcome }

export type PerformOptions = {
  readonly protocol: Protocol
  readonly listing: (tool: string) => JsonObject | undefined
  readonly execute: (
    tool: string,
    args: JsonObject,
    obligations: readonly Obligation[],
    signal: AbortSignal,
  ) => Promise<Executed>
}

/** What a permitted request is allowed to have. */
export type Permission = {
  readonly decisionId: string
  readonly call: McpCall
  readonly arguments: JsonObject
  readonly obligations: readonly Obligation[]
  /** Of a list: the names it shows. */
  readonly shown: readonly string[]
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/**
 * Performs what was permitted. The outcome is that of the tool's `run`: on the legacy wire the answer
 * begins before the tool has ended, and on both it may end after the client has gone.
 */
export function createPerform({ protocol, listing, execute }: PerformOptions) {
  return async (permission: Permission): Promise<{ reply: Reply; outcome: Promise<Outcome> }> => {
    const { call } = permission
    if (call.id === undefined) return { reply: ACCEPTED, outcome: Promise.resolve(COMPLETED) }
    if (call.target.type !== 'tool') {
      const listTools = () => permission.shown.map(listing).filter((entry) => entry !== undefined)
      const reply = await whole(await protocol.serve(call, { listTools }, permission.signal))
      return { reply, outcome: Promise.resolve({ ...COMPLETED, bytes: Buffer.byteLength(reply.body) }) }
    }

    const { name } = call.target
    const run = deferred<Outcome>()
    let stage: 'waiting' | 'begun' | 'over' = 'waiting'
    const notRun = () => {
      if (stage !== 'waiting') return
      stage = 'over'
      run.resolve({ status: 'not_run', bytes: 0 })
    }
    const callTool = async () => {
      // what was settled as not run, and given back, never runs
      if (stage === 'over') return failure(permission)
      stage = 'begun'
      const { result, outcome } = await attempt(() =>
        execute(name, permission.arguments, permission.obligations, cancellation(permission)),
      )
      run.resolve(outcome)
      return outcome.status === 'failed' ? failure(permission) : result
    }
    const decided: McpCall = { ...call, target: { type: 'tool', name, arguments: permission.arguments } }
    const reply = await protocol.serve(decided, { callTool }, permission.signal)
    if (!(reply.body instanceof ReadableStream)) notRun()
    const body = reply.body instanceof ReadableStream ? whenEnded(reply.body, notRun) : reply.body
    return { reply: { ...reply, body }, outcome: run.promise }
  }
}

const ACCEPTED: Reply = { status: 202, headers: {}, body: null }
const COMPLETED: Outcome = { status: 'completed', bytes: 0 }

/** What a call that failed answers: nothing of why. */
const failure = (permission: Permission): JsonObject => refusalResult({ code: 'tool_failed' }, permission, 'full')

const FAILED: Executed = { result: {}, outcome: { status: 'failed', bytes: 0 } }

/** The SDK puts the message of an exception on the wire, so none may reach it. */
async function attempt(run: () => Promise<Executed>): Promise<Executed> {
  try {
    return await run()
  } catch {
    return FAILED
  }
}

/** Closing the stream cancels on the modern wire; on the legacy one a disconnect SHOULD NOT be taken for a cancel. */
const cancellation = ({ call, signal }: Permission): AbortSignal =>
  call.era === 'modern' ? signal : new AbortController().signal

async function whole(reply: Reply): Promise<Reply & { readonly body: string }> {
  const { body } = reply
  return { ...reply, body: body instanceof ReadableStream ? await new Response(body).text() : (body ?? '') }
}
