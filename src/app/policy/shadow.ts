import { maskRecord } from '../../audit/mask.ts'
import { decisionRecord } from '../../audit/record.ts'
import type { Config } from '../../config/load.ts'
import type { Decided } from '../../model/decision.ts'
import type { Exchange } from '../../model/exchange.ts'
import type { JsonObject } from '../../model/json.ts'
import type { DecisionRecord } from '../../model/record.ts'
import type { ShadowExample, ShadowReport } from '../../model/shadow.ts'
import type { Rollout } from '../../pap/activation/rollout.ts'
import { createShadow, type Observed } from '../../pap/shadow/shadow.ts'
import type { Trail, Walked } from '../../pep/trail.ts'
import { monotonic, wallClock } from '../clocks.ts'
import type { Parts } from '../parts.ts'
import { decisionFacts } from '../ports.ts'

type Walk = (exchange: Exchange) => Promise<Walked>

export type Shadowing = {
  /** The same walk, of which the candidate hears when it has ended. */
  readonly beside: (walk: Walk) => Walk
  /** What a walk decided, after its answer is made. The items of a list are not asked again. */
  readonly offer: (walked: Walked) => void
  readonly report: () => ShadowReport
  readonly byKind: () => Readonly<Record<string, number>>
}

type ShadowParts = Pick<Parts, 'pdp' | 'tools'> & { readonly rollout: Pick<Rollout, 'candidate'> }

type Seen = Observed & { readonly trail: Trail }

/** Request bodies whose decisions wait, in bytes. */
const MAX_WEIGHT = 16 * 1024 * 1024

export function createShadowing({ pdp, rollout, tools }: ShadowParts, bounds: Config['shadow']): Shadowing {
  const shadow = createShadow<Seen>({
    active: () => pdp.current().bundle,
    candidate: rollout.candidate,
    tools: new Set(tools.map(({ name }) => name)),
    bounds: { items: bounds.queue, weight: MAX_WEIGHT, budgetMs: bounds.budget_ms },
    now: monotonic,
    wallClock,
    soon: (task) => void setImmediate(task),
    later: (task, milliseconds) => void setTimeout(task, milliseconds).unref(),
    example: ({ trail }, decided) => exampleOf(trail, decided),
  })
  const offer = (walked: Walked) => {
    const { end: _end, ...trail } = walked
    const { input, ruling } = trail
    if (input === undefined || ruling === undefined) return
    shadow.offer({ input, decided: ruling.decided, bundle: ruling.bundle, trail })
  }
  return {
    beside: (walk) => async (exchange) => {
      const walked = await walk(exchange)
      offer(walked)
      return walked
    },
    offer,
    report: shadow.report,
    byKind: shadow.byKind,
  }
}

/** Both decisions as the log would show them, by the mask of the policy in force. */
function exampleOf(trail: Trail, candidate: Decided): Omit<ShadowExample, 'kinds'> {
  const facts = decisionFacts(trail, undefined)
  const masked = (record: DecisionRecord): DecisionRecord =>
    maskRecord(record, trail.ruling?.mask(record as DecisionRecord & JsonObject) ?? { ok: true, value: 'absent' })
  const { decision_id, timestamp, input, result, erased, masked: replaced, mask_failed } = masked(decisionRecord(facts))
  return {
    decision_id,
    timestamp,
    ...(input !== undefined && { input }),
    active: result,
    candidate: masked(decisionRecord({ ...facts, decided: candidate })).result,
    ...(erased !== undefined && { erased }),
    ...(replaced !== undefined && { masked: replaced }),
    ...(mask_failed !== undefined && { mask_failed }),
  }
}
