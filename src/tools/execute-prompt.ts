import { Compile } from 'typebox/compile'
import type { CallerLine } from '../model/caller.ts'
import type { JsonObject } from '../model/json.ts'
import { type Prompt, PromptAnswer } from '../model/prompt.ts'
import { DEADLINE_MS, type Ended, runToEnd } from './run.ts'
import { CLOSED_WORKSPACE } from './workspace/confine.ts'

export type ExecutePrompt = (
  name: string,
  args: JsonObject,
  caller: AbortSignal,
  line: CallerLine,
) => Promise<Ended<PromptAnswer>>

/** Writes prompts by name. They work on no files. */
export function createPromptExecutor(prompts: readonly Prompt[], deadlineMs = DEADLINE_MS): ExecutePrompt {
  const byName = new Map(prompts.map((prompt) => [prompt.name, prompt]))
  const answer = Compile(PromptAnswer)
  return async (name, args, caller, line) => {
    const prompt = byName.get(name)
    if (prompt === undefined) throw new TypeError(`no prompt is named ${name}`)
    const run = prompt.run.bind(prompt, args)
    const isAnswer = (value: PromptAnswer) => answer.Check(value)
    return runToEnd({ name, run, isAnswer, asks: prompt.asks, workspace: CLOSED_WORKSPACE, line, caller, deadlineMs })
  }
}
