import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import type { DecisionFacts } from '../audit/record.ts'
import type { Recorder } from '../audit/recorder.ts'
import type { Config } from '../config/load.ts'
import { receive } from '../http/receive.ts'
import { systemTimer } from '../lib/deadline.ts'
import { sha256 } from '../lib/digest.ts'
import { createRandomPool } from '../lib/random-pool.ts'
import { err } from '../lib/result.ts'
import { createLogLevels } from '../mcp/log-levels.ts'
import { createPerform } from '../mcp/perform.ts'
import type { Protocol } from '../mcp/protocol.ts'
import { createRequestStates } from '../mcp/request-state.ts'
import { createSubscriptions } from '../mcp/subscriptions.ts'
import type { Refusal } from '../model/refusal.ts'
import type { Subject } from '../model/subject.ts'
import { DECISION } from '../pdp/entrypoints.ts'
import type { SharedPorts } from '../pep/ports.ts'
import type { Trail } from '../pep/trail.ts'
import { createCatalogue } from '../pip/catalogue.ts'
import { ticks, wallClock } from './clocks.ts'
import { createDescribe } from './describe.ts'
import { createExecute } from './execute.ts'
import { createElevations } from './identity/elevation.ts'
import { watchToken } from './identity/token-watch.ts'
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

/** Refusals for lack of a scope that a later call may be the answer to. */
const REMEMBERED_REFUSALS = 10_000

/** Of this process alone: what it sealed is worth nothing after a restart, and the caller begins again. */
const STATE_KEY_BYTES = 32
const UUID_BYTES = 16

/** The steps that all walks share, with the adapters that were chosen for them. */
export function createPorts({ parts, limits, recorder, protocol, settlement, config, logger }: Wiring): SharedPorts {
  const { authenticate, tools, offer, root } = parts
  const catalogue = createCatalogue(config.name, tools, offer)
  const noteElevation = createElevations({ max: REMEMBERED_REFUSALS })
  const randomId = createRandomPool(UUID_BYTES)
  const states = createRequestStates({ key: randomBytes(STATE_KEY_BYTES), now: Date.now })
  const perform = createPerform({
    protocol,
    subscriptions: createSubscriptions({ protocol }),
    logLevels: createLogLevels(),
    states,
    listing: catalogue.listing,
    offers: catalogue.offers,
    execute: createExecute(offer, root, logger),
  })
  return {
    now: wallClock,
    ticks,
    newDecisionId: () => uuidv7({ random: randomId() }),
    authenticate: async ({ authorization }) => {
      const proof = await authenticate(authorization)
      const taken = proof.ok ? limits.perSubject.take(subjectKey(proof.value)) : undefined
      if (taken === undefined || taken.ok) return proof
      return err({ code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds })
    },
    parse: receive,
    describe: createDescribe(catalogue.describe, states),
    meter: limits.meter.meter,
    record: (trail, refusal) => {
      const facts = { ...decisionFacts(trail, refusal), elevation: noteElevation(trail, refusal) }
      return recorder.decision(facts, trail.ruling?.mask)
    },
    perform: async (permitted) => {
      const { call, described, exchange } = permitted
      const state = described?.state
      const watch = call.method === 'subscriptions/listen' ? watchToken(exchange, authenticate, systemTimer) : undefined
      const signal = watch?.signal ?? exchange.signal
      const performed = await perform({ ...permitted, ...(state !== undefined && { state }), signal })
      if (watch !== undefined) performed.outcome.then(watch.stop, watch.stop)
      return performed
    },
    settle: settlement.settle,
  }
}

/** What the record says of a walk, as far as it went. */
export function decisionFacts(trail: Trail, refusal: Refusal | undefined): DecisionFacts {
  const { exchange, call, described, ruling, waived } = trail
  const ran =
    (call?.target.type === 'tool' || call?.target.type === 'prompt') &&
    described?.known === true &&
    described.faults.length === 0
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
