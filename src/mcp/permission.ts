import type { CompletionArguments, CompletionRef, ListName, McpCall } from '../model/call.ts'
import type { CallerLine, InputRequired } from '../model/caller.ts'
import type { Obligation } from '../model/decision.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Subject } from '../model/subject.ts'
import type { LogLevels } from './log-levels.ts'
import type { Answered, Protocol } from './protocol.ts'
import type { RequestStates } from './request-state.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Something that runs, with the arguments decided on. */
export type Work =
  | { readonly type: 'tool' | 'prompt'; readonly name: string; readonly arguments: JsonObject }
  | { readonly type: 'resource'; readonly target: JsonObject }
  | { readonly type: 'completion'; readonly of: CompletionRef; readonly arguments: CompletionArguments }

/** `failed`: it broke, and its caller is told so and no more. */
export type Executed = {
  readonly answer: Answered | InputRequired | 'failed'
  readonly outcome: Outcome
}

export type PerformOptions = {
  readonly protocol: Protocol
  readonly subscriptions: Subscriptions
  readonly logLevels: LogLevels
  readonly states: RequestStates
  readonly listing: (list: ListName, id: string) => JsonObject | undefined
  /** True for the URI of a resource that is offered. */
  readonly offers: (uri: string) => boolean
  readonly execute: (
    work: Work,
    obligations: readonly Obligation[],
    signal: AbortSignal,
    line: CallerLine,
  ) => Promise<Executed>
}

/** What a permitted request is allowed to have. */
export type Permission = {
  readonly decisionId: string
  readonly subject: Subject
  readonly call: McpCall
  readonly arguments: JsonObject
  readonly obligations: readonly Obligation[]
  /** Of a list: the ids it shows. Of a subscription: the URIs it may hear of. */
  readonly shown: readonly string[]
  /** What the call had us keep for it, opened again. */
  readonly state?: Json
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}
