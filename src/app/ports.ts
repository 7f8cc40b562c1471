import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import type { DecisionFacts } from '../audit/record.ts'
import type { Recorder } from '../audit/recorder.ts'
import type { Config } from '../config/load.ts'
import { receive } from '../http/receive.ts'
import { sha256 } from '../lib/digest.ts'
import { err } from '../lib/result.ts'
import { createPerform } from '../mcp/perform.ts'
import type { Protocol } from '../mcp/protocol.ts'
import type { Refusal } from '../model/refusal.ts'
import type { Subject } from '../model/subject.ts'
import { DECISION } from '../pdp/engine.ts'
import type { SharedPorts } from '../pep/ports.ts'
import type { Trail } from '../pep/trail.ts'
import { createCatalogue } from '../pip/catalogue.ts'
import { createExecutor } from '../tools/execute.ts'
import { ticks, wallClock } from './clocks.ts'
import type { Limits } from './limits.ts'
import type { Parts } from './parts.ts'
import type { Settlement } from './settlement.ts'

export type Wiring = {
  readonly parts: Parts
  readonly limits: Limits
  readonly recorder: Recorder
  readonly protocol: Protocol
  readonly settlement: Settlement
  readonly config: Config
  readonly logger: Logger
}

/** The steps that all walks share, with the adapters that were chosen for them. */
export function createPorts({ parts, limits, recorder, protocol, settlement, config, logger }: Wiring): SharedPorts {
  const { authenticate, tools, root } = parts
  const catalogue = createCatalogue(config.name, tools)
  const executor = createExecutor({ root, tools })
  const perform = createPerform({
    protocol,
    listing: catalogue.listing,
    execute: async (tool, args, obligations, signal) => {
      const executed = await executor(tool, args, obligations, signal)
      if (executed.cause !== undefined) logger.error({ tool, cause: String(executed.cause) }, 'tool failed')
      return executed
    },
  })
  return {
    now: wallClock,
    ticks,
    newDecisionId: uuidv7,
    authenticate: async ({ authorization }) => {
      const proof = await authenticate(authorization)
      const taken = proof.ok ? limits.perSubject.take(subjectKey(proof.value)) : undefined
      if (taken === undefined || taken.ok) return proof
      return err({ code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds })
    },
    parse: receive,
    describe: catalogue.describe,
    meter: limits.meter.meter,
    record: (trail, refusal) => recorder.decision(decisionFacts(trail, refusal), trail.ruling?.mask),
    perform: (permitted) => perform({ ...permitted, signal: permitted.exchange.signal }),
    settle: settlement.settle,
  }
}

/** What the record says of a walk, as far as it went. */
export function decisionFacts(trail: Trail, refusal: Refusal | undefined): DecisionFacts {
  const { exchange, call, described, ruling, waived } = trail
  const ran = call?.target.type === 'tool' && described?.known === true && described.faults.length === 0
  return {
    decisionId: trail.decisionId,
    timestamp: trail.startedAt,
    requestId: exchange.requestId,
    traceId: exchange.traceId,
    bundle: ruling?.bundle,
    path: ruling === undefined ? undefined : DECISION,
    input: trail.input,
    decided: ruling?.decided,
    argumentsSha256: ran ? sha256(JSON.stringify(described.arguments)) : undefined,
    listed: trail.listed,
    // a call that monitor mode would have let pass, and that then failed for another reason, was refused
    enforced: refusal !== undefined || waived === undefined,
    refusal: refusal ?? waived,
    limits: trail.grant?.states,
    address: trail.subject === undefined ? exchange.address : undefined,
    metrics: trail.metrics,
  }
}

const subjectKey = ({ id, properties }: Subject): string => JSON.stringify([properties.issuer, properties.tenant, id])
