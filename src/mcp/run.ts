import { deferred } from '../lib/deferred.ts'
import { whenEnded } from '../lib/when-ended.ts'
import type { McpCall } from '../model/call.ts'
import type { CallerLine } from '../model/caller.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Performed } from '../model/reply.ts'
import { lineFor } from './line.ts'
import type { Executed, PerformOptions, Permission, Work } from './permission.ts'
import type { Answered, Notify } from './protocol.ts'
import { refusalResult } from './refusal-message.ts'
import { bindingOf } from './request-state.ts'
import { refusedRound, roundAnswer } from './round.ts'

/**
 * The outcome is that of what ran: on the legacy wire the answer begins before it has ended, and on both it may
 * end after the client has gone.
 */
export async function run(work: Work, permission: Permission, options: PerformOptions): Promise<Performed> {
  const { protocol } = options
  const ended = deferred<Outcome>()
  let stage: 'waiting' | 'begun' | 'over' = 'waiting'
  const notRun = () => {
    if (stage !== 'waiting') return
    stage = 'over'
    ended.resolve({ status: 'not_run', bytes: 0 })
  }
  const answer = async (notify: Notify): Promise<Answered> => {
    // what was settled as not run, and given back, never runs
    if (stage === 'over') return failure(permission)
    stage = 'begun'
    const line = openLine(permission, options, notify)
    const executed = await attempt(() => options.execute(work, permission.obligations, cancellation(permission), line))
    const { answered, outcome } = settled(executed, permission, options)
    ended.resolve(outcome)
    return answered
  }
  const reply = await protocol.serve(decidedCall(work, permission.call), { answer }, permission.signal)
  if (!(reply.body instanceof ReadableStream)) notRun()
  const body = reply.body instanceof ReadableStream ? whenEnded(reply.body, notRun) : reply.body
  return { reply: { ...reply, body }, outcome: ended.promise }
}

function openLine(permission: Permission, { protocol, logLevels }: PerformOptions, notify: Notify): CallerLine {
  const { call, subject, state } = permission
  const { capabilities = {}, answers } = call
  return lineFor({
    call,
    input: { capabilities, responses: answers?.responses ?? {}, ...(state !== undefined && { state }) },
    threshold: call.era === 'modern' ? call.logLevel : logLevels.of(subject),
    notify,
    changed: protocol.changed,
  })
}

/** What came of it, as the caller is told. A call that asks for input has not failed, if it may ask. */
function settled(
  { answer, outcome }: Executed,
  permission: Permission,
  { states }: PerformOptions,
): { readonly answered: Answered; readonly outcome: Outcome } {
  if (answer === 'failed') return { answered: failure(permission), outcome }
  if (!('inputRequired' in answer)) return { answered: answer, outcome }
  const { call, subject } = permission
  const refused = refusedRound(call, answer.inputRequired)
  if (refused !== undefined) {
    return { answered: refused, outcome: { ...outcome, status: 'fault', fault: 'input_unavailable' } }
  }
  const binding = bindingOf(subject, call, permission.arguments)
  return { answered: roundAnswer(answer.inputRequired, (state) => states.seal(binding, state)), outcome }
}

function decidedCall(work: Work, call: McpCall): McpCall {
  switch (work.type) {
    case 'tool':
    case 'prompt':
      return { ...call, target: { type: work.type, name: work.name, arguments: work.arguments } }
    case 'resource':
      return { ...call, target: { type: 'resource', uri: String(work.target['uri']) } }
    case 'completion':
      return call
  }
}

/** What a call that failed answers: nothing of why. */
function failure({ call, decisionId }: Permission): Answered {
  const result = refusalResult({ code: 'tool_failed' }, { decisionId }, 'full')
  if (call.target.type === 'tool') return { result }
  const [{ text }] = result.content
  return { error: { code: TOOL_FAILED, message: text } }
}

const TOOL_FAILED = -31502

const FAILED: Executed = { answer: 'failed', outcome: { status: 'failed', bytes: 0 } }

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
