import { ok, type Result } from '../lib/result.ts'
import type { JsonObject } from '../model/json.ts'
import type { DecisionRecord } from '../model/record.ts'
import type { RefusalAt } from '../model/refusal.ts'
import type { Masks } from '../model/ruling.ts'
import type { DecisionLog } from './log.ts'
import { maskRecord } from './mask.ts'
import type { Metrics } from './metrics.ts'
import { type DecisionFacts, decisionRecord, expectsOutcome, type OutcomeFacts, outcomeRecord } from './record.ts'

export type Recorder = {
  /** A permit resolves when its line is on the log, or is refused; a refusal waits for nothing. */
  readonly decision: (
    facts: DecisionFacts,
    mask: ((record: JsonObject) => Masks) | undefined,
  ) => Promise<Result<void, RefusalAt<'record'>>>
  readonly outcome: (facts: OutcomeFacts) => void
}

/** Facts → record → mask → log, with the metrics counted from the same record. */
export function createRecorder(options: {
  readonly log: DecisionLog
  readonly metrics: Metrics
  /** The methods that may be a metric's label. */
  readonly methods: ReadonlySet<string>
}): Recorder {
  const { log, metrics, methods } = options
  return {
    decision: async (facts, mask) => {
      const whole = decisionRecord(facts)
      const action = facts.input?.action.name
      metrics.decision(whole, action !== undefined && methods.has(action) ? action : 'other')
      const record = mask === undefined ? whole : maskRecord(whole, mask(whole as DecisionRecord & JsonObject))
      if (expectsOutcome(record)) return log.append(record)
      log.appendQuietly(record, { unauthenticated: isUnauthenticated(facts) })
      return ok(undefined)
    },
    outcome: (facts) => {
      const record = outcomeRecord(facts)
      metrics.outcome(record)
      log.appendQuietly(record)
    },
  }
}

/** Whoever has shown no token must not be able to fill the log. Only such a record names an address. */
const isUnauthenticated = ({ address }: DecisionFacts): boolean => address !== undefined
