import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { contentOf, expectAnswer } from './expected.ts'
import type { Seen } from './scene.ts'
import { type Caller, createScene } from './scene.ts'
import { CANARY, CONTENT, type LogLine, type RunningServer } from './server.ts'

export type Watch = {
  /** Checks I1 to I8 of what was seen since the watch began. */
  readonly check: (seen: Seen) => Promise<readonly LogLine[]>
}

type LimitState = { readonly name: string; readonly kind: string; readonly limit: number; readonly used: number }

let probes = 0
/** A new caller each time, or one that is known by now, where there is room for no other. */
const prober = (server: RunningServer) => (server.smallStore ? 'probe' : `probe-${probes++}`)

/**
 * The invariants of every attack. The probe is a caller of its own each time, so that no limit of an attack
 * weighs on it; its line on the log comes after all that was written for the attack.
 */
export async function watch(server: RunningServer): Promise<Watch> {
  await probe(server)
  await eventually('an end of all earlier calls', () => unfinished(linesOf(server.logText())).length === 0)
  const base = { offset: server.logText().length, suppressed: await suppressed(server), descriptors: descriptors() }

  const check = async (seen: Seen): Promise<readonly LogLine[]> => {
    const sub = await probe(server)
    const text = () => server.logText().slice(base.offset)
    await eventually('an outcome for every permitted call', () => unfinished(linesOf(text())).length === 0)
    const probed = linesOf(text()).findLast((line) => subjectOf(line) === sub)?.decision_id
    const lines = linesOf(text()).filter(({ decision_id }) => decision_id !== probed)
    const written = lines.filter(({ kind }) => kind === 'decision').length
    expect(written + (await suppressed(server)) - base.suppressed).toBe(seen.records)
    expectPairs(lines)
    expectLimitsHold(lines)
    expectNoSecrets(`${text()}${server.operatorLog()}`, [CANARY, CONTENT, ...seen.tokens])
    expectNoSecrets(seen.received, [CANARY, ...seen.tokens])
    await expectLeasesReturned(server, seen.callers, lines)
    const { ready, ...parts } = await readiness(server)
    expect({ ready, dropped: parts.dropped }).toEqual({ ready: true, dropped: 0 })
    await eventually('descriptors and sockets back to base', () => descriptors() <= base.descriptors)
    return lines
  }
  return { check }
}

/** I1, I4: a good request of somebody else is answered, once and right. */
async function probe(server: RunningServer): Promise<string> {
  const scene = await createScene(server, { sub: prober(server), roles: ['readonly'] })
  expectAnswer(await scene.call('readFile', { path: 'public/ok.txt' }), contentOf(CONTENT))
  return scene.attacker.sub
}

export const descriptors = () => readdirSync('/proc/self/fd').length

/** Waits for what happens after an answer, turn by turn of the event loop. */
export async function eventually(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`)
    await setImmediate()
  }
}

const linesOf = (text: string): readonly LogLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)

const isPermitted = (line: LogLine) => line.kind === 'decision' && line.refusal === undefined

function unfinished(lines: readonly LogLine[]): readonly LogLine[] {
  const ended = new Set(lines.filter(({ kind }) => kind === 'outcome').map(({ decision_id }) => decision_id))
  return lines.filter((line) => isPermitted(line) && !ended.has(line.decision_id))
}

/** I2, I3: one decision a request, before its one outcome; what was decided on is what ran. */
function expectPairs(lines: readonly LogLine[]): void {
  const decisions = lines.filter(({ kind }) => kind === 'decision')
  for (const name of ['decision_id', 'request_id'] as const) {
    expect(new Set(decisions.map((line) => line[name])).size).toBe(decisions.length)
  }
  const outcomes = lines.filter(({ kind }) => kind === 'outcome')
  expect(outcomes.map(({ decision_id }) => decision_id).sort()).toEqual(
    decisions
      .filter(isPermitted)
      .map(({ decision_id }) => decision_id)
      .sort(),
  )
  const before = new Map<string, LogLine>()
  for (const line of lines) {
    if (line.kind === 'decision') before.set(line.decision_id, line)
    else if (line['arguments_sha256'] !== undefined) {
      expect(line['arguments_sha256']).toBe(before.get(line.decision_id)?.['arguments_sha256'])
    }
  }
}

const limitsOf = (line: LogLine) => (line['limits'] ?? []) as readonly LimitState[]

/** I7: what was taken is between nothing and the limit. */
function expectLimitsHold(lines: readonly LogLine[]): void {
  const broken = lines.flatMap(limitsOf).filter(({ used, limit }) => used < 0 || used > limit)
  expect(broken).toEqual([])
}

/** I2, I6: of a token its signature, which nothing else holds. */
function expectNoSecrets(text: string, secrets: readonly string[]): void {
  const found = secrets.map((secret) => secret.split('.').at(-1) ?? '').filter((secret) => text.includes(secret))
  expect(found).toEqual([])
}

/** I5, I7: of a caller that called something, no call counts as running any more. */
async function expectLeasesReturned(server: RunningServer, callers: readonly Caller[], lines: readonly LogLine[]) {
  if (server.smallStore) return
  for (const caller of callers) {
    const used = lines.filter((line) => isPermitted(line) && subjectOf(line) === caller.sub)
    if (!used.some((line) => limitsOf(line).length > 0)) continue
    const offset = server.logText().length
    const scene = await createScene(server, { sub: caller.sub, roles: ['readonly'] })
    await scene.call('readFile', { path: 'public/ok.txt' }, { as: caller })
    await eventually('a line for the call', () => linesOf(server.logText().slice(offset)).length > 0)
    await eventually('an outcome', () => unfinished(linesOf(server.logText().slice(offset))).length === 0)
    const [line] = linesOf(server.logText().slice(offset))
    const running = line === undefined ? [] : limitsOf(line).filter(({ kind }) => kind === 'concurrency')
    if (line?.refusal === undefined) expect(running.map(({ used }) => used)).toEqual([1])
    else expect([line.refusal, line['cause']]).toEqual(['quota_exhausted', expect.stringMatching(/per (minute|day)$/)])
  }
}

const subjectOf = (line: LogLine) => (line['input'] as { subject?: { id: string } } | undefined)?.subject?.id

async function readiness(server: RunningServer) {
  const parts = await server.portcullis.readiness()
  const log = parts['log'] as unknown as { readonly dropped: number; readonly suppressed: number }
  const excused = [server.smallStore ? 'limits' : '', server.keyless ? 'keys' : '']
  const needed = Object.entries(parts).filter(([name]) => !excused.includes(name))
  return { ready: needed.every(([, part]) => part.ready), dropped: log.dropped, suppressed: log.suppressed }
}

const suppressed = async (server: RunningServer) => (await readiness(server)).suppressed
