import type { Logger } from 'pino'
import { UNCACHED } from '../mcp/list-answer.ts'
import type { Executed, PerformOptions } from '../mcp/permission.ts'
import { FAULTS, type FaultCode } from '../model/fault.ts'
import type { JsonObject } from '../model/json.ts'
import type { Offer } from '../model/offer.ts'
import type { Outcome } from '../model/outcome.ts'
import { createCompleter } from '../tools/completions.ts'
import { createExecutor } from '../tools/execute.ts'
import { createPromptExecutor } from '../tools/execute-prompt.ts'
import { createResourceReader, type ReadTarget } from '../tools/execute-resource.ts'
import type { Ended } from '../tools/run.ts'
import type { WorkspaceRoot } from '../tools/workspace/root.ts'

/** Runs what is offered: tools, prompts, resources and completions, each by its own rules, with one kind of end. */
export function createExecute(offer: Offer, root: WorkspaceRoot, logger: Logger): PerformOptions['execute'] {
  const tool = createExecutor({ root, tools: offer.tools })
  const prompt = createPromptExecutor(offer.prompts)
  const read = createResourceReader(offer.resources, offer.resourceTemplates)
  const complete = createCompleter(offer)
  const report = (name: string, cause: unknown) =>
    logger.error({ name, cause: String(cause) }, 'what was permitted failed')

  return async (work, obligations, signal, line) => {
    switch (work.type) {
      case 'tool': {
        const { result, asked, outcome, cause } = await tool(work.name, work.arguments, obligations, signal, line)
        if (cause !== undefined) report(work.name, cause)
        if (asked !== undefined) return { answer: { inputRequired: asked }, outcome }
        return { answer: outcome.status === 'failed' ? 'failed' : { result: result as JsonObject }, outcome }
      }
      case 'prompt': {
        const end = await prompt(work.name, work.arguments, signal, line)
        if (end.status === 'failed') report(work.name, end.cause)
        return executed(end, (answer) => answer as JsonObject)
      }
      case 'resource': {
        // of the catalogue's making
        const target = work.target as ReadTarget
        const end = await read(target, signal, line)
        if (end.status === 'failed') report(target.uri, end.cause)
        return executed(end, (contents) => ({ contents: [contents], ...UNCACHED }))
      }
      case 'completion': {
        const completion = await complete(work.of, work.arguments).catch((cause: unknown) => report(work.of.id, cause))
        if (completion === undefined) return FAILED
        return done({ completion })
      }
    }
  }
}

const FAILED: Executed = { answer: 'failed', outcome: { status: 'failed', bytes: 0 } }

const done = (result: JsonObject): Executed => ({
  answer: { result },
  outcome: { status: 'completed', bytes: Buffer.byteLength(JSON.stringify(result)) },
})

function executed<T>(end: Ended<T>, resultOf: (value: T) => JsonObject): Executed {
  const ended = (outcome: Pick<Outcome, 'status' | 'fault'>) => ({ ...outcome, bytes: 0 })
  switch (end.status) {
    case 'completed':
      return done(resultOf(end.value))
    case 'input_required':
      return { answer: { inputRequired: end.asked }, outcome: ended({ status: end.status }) }
    case 'fault':
    case 'confined':
      return { answer: faultAnswer(end.fault), outcome: ended({ status: end.status, fault: end.fault }) }
    case 'failed':
      return FAILED
    case 'cancelled':
    case 'not_run':
      return { answer: { error: { code: FAULT, message: 'The call was cancelled' } }, outcome: ended(end) }
  }
}

const FAULT = -31502

const faultAnswer = (fault: FaultCode) => ({ error: { code: FAULT, message: FAULTS[fault] } })
