import type { McpCall } from '../model/call.ts'
import type { Obligation } from '../model/decision.ts'
import type { Described } from '../model/described.ts'
import type { Exchange } from '../model/exchange.ts'
import type { Grant } from '../model/grant.ts'
import type { PolicyInput } from '../model/input.ts'
import type { JsonObject } from '../model/json.ts'
import type { Listed } from '../model/record.ts'
import type { Refusal } from '../model/refusal.ts'
import type { Reply } from '../model/reply.ts'
import type { Ruling } from '../model/ruling.ts'
import type { Subject } from '../model/subject.ts'

/** Everything learnt about one request so far. It only grows. Answer and record are made from it alone. */
export type Trail = {
  readonly decisionId: string
  readonly startedAt: Date
  /** Monotonic, microseconds. */
  readonly startedTicks: number
  readonly exchange: Exchange
  readonly subject?: Subject
  readonly call?: McpCall
  /** What could be read of a message that was not taken. */
  readonly unread?: Partial<Pick<McpCall, 'era' | 'id' | 'method'>>
  readonly described?: Described
  readonly input?: PolicyInput
  readonly ruling?: Ruling
  readonly listed?: Listed
  /** The refusal that monitor mode let pass. */
  readonly waived?: Refusal
  readonly grant?: Grant
  /** Microseconds per step. */
  readonly metrics: Readonly<Record<string, number>>
}

/** A trail that leads to an effect, and what it may have. */
export type Permitted = Trail & {
  readonly subject: Subject
  readonly call: McpCall
  /** The arguments decided on: the ones that run. */
  readonly arguments: JsonObject
  readonly obligations: readonly Obligation[]
  /** Of a list: the ids it shows. */
  readonly shown: readonly string[]
}

export type End =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type Walked = Trail & { readonly end: End }
