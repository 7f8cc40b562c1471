import type { Result } from '../lib/result.ts'
import type { McpCall, Unreadable } from '../model/call.ts'
import type { Limit } from '../model/decision.ts'
import type { Described } from '../model/described.ts'
import type { Exchange } from '../model/exchange.ts'
import type { Grant } from '../model/grant.ts'
import type { PolicyInput } from '../model/input.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Refusal, RefusalAt } from '../model/refusal.ts'
import type { Performed } from '../model/reply.ts'
import type { Ruling } from '../model/ruling.ts'
import type { Subject } from '../model/subject.ts'
import type { Permitted, Trail } from './trail.ts'

/** The steps of the walk, each one function. Adapters are chosen in `app.ts`. */
export type Ports = {
  readonly now: () => Date
  /** Monotonic, microseconds. */
  readonly ticks: () => number
  readonly newDecisionId: () => string
  readonly authenticate: (exchange: Exchange) => Promise<Result<Subject, RefusalAt<'authenticate' | 'guard'>>>
  readonly parse: (exchange: Exchange) => Promise<Result<McpCall, Unreadable>>
  readonly describe: (call: McpCall, subject: Subject) => Described
  readonly decide: (input: PolicyInput) => Ruling
  readonly meter: (decisionId: string, limits: readonly Limit[]) => Promise<Result<Grant, RefusalAt<'meter'>>>
  /** Writes the decision; of a permit, resolves when it is on the log. */
  readonly record: (trail: Trail, refusal?: Refusal) => Promise<Result<void, RefusalAt<'record'>>>
  readonly perform: (permitted: Permitted) => Promise<Performed>
  /** Commits or refunds the grant and writes the outcome, once the call has ended. Never throws. */
  readonly settle: (permitted: Permitted, outcome: Promise<Outcome>) => void
}

/** The steps that are the same for every request. `decide` is one request's own: all it asks, it asks of one policy. */
export type SharedPorts = Omit<Ports, 'decide'>
