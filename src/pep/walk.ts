import { thrownTrace } from '../lib/thrown-text.ts'
import type { McpCall } from '../model/call.ts'
import type { Decided, Obligation } from '../model/decision.ts'
import type { Exchange } from '../model/exchange.ts'
import type { PolicyInput } from '../model/input.ts'
import type { Refusal, RefusalAt } from '../model/refusal.ts'
import type { Resource } from '../model/resource.ts'
import { hidden, isWaivable, judge, judgeForm, nameOf } from './judge.ts'
import { actionOn, filterList, isList } from './list.ts'
import { policyInput } from './policy-input.ts'
import type { Ports, SharedPorts } from './ports.ts'
import type { Permitted, Trail, Walked } from './trail.ts'

/** `enforce: false` is monitor mode: what policy or a limit would refuse passes, and the record says so. */
export type Enforcement = { readonly enforce: boolean }

/** The trail while it grows, and how far its record has come. */
type Growing = { -readonly [Member in keyof Omit<Trail, 'metrics'>]: Trail[Member] } & {
  readonly metrics: Record<string, number>
  permitted?: Permitted
}

/** What a call gets that monitor mode let pass: the workspace as a whole, since no rule confined it. */
const UNCONFINED: readonly Obligation[] = [{ type: 'confine', read: [[]], write: [[]], never: [] }]

/**
 * Walks one request from credential to answer: authenticate, parse, describe, decide, meter, record,
 * perform, settle. Nothing else in the product takes these steps, and nothing is decided anywhere else.
 *
 * The first refusal ends the walk: nothing after it is charged, opened or sent on. A throw is a
 * malfunction: it ends the walk too, is refused and recorded, and keeps what was learnt until then.
 */
export async function walk(exchange: Exchange, ports: Ports, enforcement: Enforcement): Promise<Walked> {
  const trail: Growing = startTrail(exchange, ports)
  try {
    return await takeSteps(trail, ports, enforcement)
  } catch (thrown) {
    return await breakOff(trail, thrown, ports)
  }
}

async function takeSteps(trail: Growing, ports: Ports, { enforce }: Enforcement): Promise<Walked> {
  const { exchange, decisionId, startedAt } = trail
  const refuse = (refusal: Refusal) => endRefused(trail, refusal, ports)
  const lap = stopwatch(trail, ports)

  const proof = await ports.authenticate(exchange)
  lap('authenticate')
  if (!proof.ok) return refuse(proof.error)
  const subject = proof.value
  trail.subject = subject

  const parsed = await ports.parse(exchange)
  lap('parse')
  if (!parsed.ok) {
    const { refusal, ...unread } = parsed.error
    trail.unread = unread
    return refuse(refusal)
  }
  const call = parsed.value
  trail.call = call

  const described = ports.describe(call, subject)
  trail.described = described
  lap('describe')

  const ask = (action: string, resource: Resource) =>
    policyInput(subject, { action, resource }, call, exchange.requestId, startedAt)
  const presupposed = described.presupposed && ask(described.presupposed.action, described.presupposed.resource)
  const { input, ruling } = decideInTurn([presupposed, ask(call.method, described.resource)], ports)
  trail.input = input
  trail.ruling = ruling
  lap('decide')
  const judged = judge(call, described, ruling.decided)
  const exists = () => ports.decide(ask(call.method, withoutArguments(described.resource))).decided
  const denial = enforce ? veil(judged, call, exists) : judged
  const barred = enforce || denial === undefined || !isWaivable(denial) ? denial : judgeForm(described)
  if (barred !== undefined) return refuse(barred)
  if (denial !== undefined) trail.waived = denial

  const shown = filterList(described, (item) => ports.decide(ask(actionOn(item), item)).decided, enforce)
  if (isList(call.target)) {
    trail.listed = shown.listed
    lap('list')
  }

  const metered = await ports.meter(decisionId, limitsOf(ruling.decided))
  lap('meter')
  if (!metered.ok && (enforce || !isWaivable(metered.error))) return refuse(metered.error)
  if (!metered.ok) trail.waived = metered.error
  if (metered.ok) trail.grant = metered.value

  const written = await ports.record(trail)
  lap('record')
  if (!written.ok) {
    await refund(trail)
    return refuse(written.error)
  }

  const obligations = obligationsOf(ruling.decided, trail.waived)
  const permitted = { ...trail, subject, call, arguments: described.arguments, obligations, shown: shown.ids }
  trail.permitted = permitted
  const { reply, outcome } = await ports.perform(permitted)
  lap('perform')
  ports.settle(permitted, outcome)
  return { ...trail, end: { kind: 'answered', reply } }
}

/** A malfunction: charged when the tool may have run, refunded before. Exactly one decision line either way. */
async function breakOff(trail: Growing, thrown: unknown, ports: Ports): Promise<Walked> {
  const refusal = { code: 'broken', cause: thrownTrace(thrown) } as const
  if (trail.permitted === undefined) {
    await refund(trail)
    return endRefused(trail, refusal, ports)
  }
  ports.settle(trail.permitted, Promise.resolve({ status: 'failed', bytes: 0 }))
  return { ...trail, end: { kind: 'refused', refusal } }
}

/** The walk of a request that a guard turned away: it ends at the door, and is recorded like any other. */
export const refuseAtDoor = (exchange: Exchange, refusal: RefusalAt<'guard'>, ports: SharedPorts): Promise<Walked> =>
  endRefused(startTrail(exchange, ports), refusal, ports)

const startTrail = (exchange: Exchange, ports: SharedPorts): Growing => ({
  decisionId: ports.newDecisionId(),
  startedAt: ports.now(),
  startedTicks: ports.ticks(),
  exchange,
  metrics: {},
})

async function endRefused(trail: Trail, refusal: Refusal, ports: SharedPorts): Promise<Walked> {
  try {
    await ports.record(trail, refusal)
  } catch {
    // A refusal has no effect that could be left unrecorded; the log's own health shows what is wrong with it.
  }
  return { ...trail, end: { kind: 'refused', refusal } }
}

/** What could not be given back stays charged until its period ends; that is no reason to lose the record. */
async function refund({ grant }: Trail): Promise<void> {
  try {
    await grant?.refund()
  } catch {
    // the limit store's own health shows what is wrong with it
  }
}

/** Microseconds since the last lap, kept under the name of the step that ends. */
function stopwatch(trail: Growing, ports: Ports): (step: string) => void {
  let last = ports.ticks()
  return (step) => {
    const now = ports.ticks()
    trail.metrics[step] = now - last
    last = now
  }
}

/**
 * Arguments that are too large for a decision must not tell that there is a thing of that name: without them
 * it can still be decided whether the caller may know.
 */
function veil(refusal: Refusal | undefined, { target }: McpCall, exists: () => Decided): Refusal | undefined {
  const named = nameOf(target)
  if (refusal?.code !== 'input_too_large' || named === undefined) return refusal
  const decided = exists()
  return decided.effect === 'indeterminate' || decided.visible ? refusal : hidden(named)
}

/** What a call presupposes is asked first. The answer is that of the first question whose thing is not there, else the last. */
function decideInTurn([presupposed, asked]: [PolicyInput | undefined, PolicyInput], ports: Pick<Ports, 'decide'>) {
  if (presupposed !== undefined) {
    const ruling = ports.decide(presupposed)
    const isThere = ruling.decided.effect !== 'indeterminate' && ruling.decided.visible
    if (!isThere) return { input: presupposed, ruling }
  }
  return { input: asked, ruling: ports.decide(asked) }
}

function withoutArguments(resource: Resource): Resource {
  const { arguments: _arguments, paths: _paths, ...properties } = resource.properties
  return { ...resource, properties }
}

const limitsOf = (decided: Decided) => (decided.effect === 'permit' ? decided.limits : [])

function obligationsOf(decided: Decided, waived: Refusal | undefined): readonly Obligation[] {
  if (decided.effect === 'permit') return decided.obligations
  return waived === undefined ? [] : UNCONFINED
}
