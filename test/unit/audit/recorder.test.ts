import { describe, expect, jest, test } from '@jest/globals'
import type { DecisionLog } from '../../../src/audit/log.ts'
import type { Metrics } from '../../../src/audit/metrics.ts'
import type { DecisionFacts } from '../../../src/audit/record.ts'
import { createRecorder } from '../../../src/audit/recorder.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { Mask } from '../../../src/model/ruling.ts'
import { input } from './facts.ts'

const decisionFacts = (change: Partial<DecisionFacts> = {}): DecisionFacts => ({
  decisionId: 'd1',
  timestamp: new Date(0),
  requestId: 'r1',
  input,
  metrics: {},
  ...change,
})

const UNAVAILABLE = { code: 'log_unavailable', retryAfterSeconds: 1 } as const
const NO_MASK = () => ok<readonly Mask[]>([])

function world(appended: Awaited<ReturnType<DecisionLog['append']>> = ok(undefined)) {
  const log = {
    append: jest.fn(async (_record: unknown) => appended),
    appendQuietly: jest.fn<(record: unknown, origin?: unknown) => void>(),
  }
  const metrics = { decision: jest.fn<(record: unknown, method: string) => void>(), outcome: jest.fn() }
  const recorder = createRecorder({
    log: log as unknown as DecisionLog,
    metrics: metrics as unknown as Metrics,
    methods: new Set(['tools/call']),
  })
  return { recorder, log, metrics }
}

describe('a decision', () => {
  test('that permits waits for the log, and says when it refuses', async () => {
    const { recorder, log } = world(err(UNAVAILABLE))
    expect(await recorder.decision(decisionFacts(), NO_MASK)).toEqual(err(UNAVAILABLE))
    expect(log.append).toHaveBeenCalledTimes(1)
    expect(log.appendQuietly).not.toHaveBeenCalled()
  })

  test.each([
    { who: 'somebody with a subject', address: undefined, unauthenticated: false },
    { who: 'nobody that is known', address: '192.0.2.1', unauthenticated: true },
  ])('that refuses $who waits for nothing', async ({ address, unauthenticated }) => {
    const { recorder, log } = world(err(UNAVAILABLE))
    const facts = decisionFacts({ refusal: { code: 'denied', reasons: [] }, address })
    expect(await recorder.decision(facts, NO_MASK)).toEqual(ok(undefined))
    expect(log.append).not.toHaveBeenCalled()
    expect(log.appendQuietly).toHaveBeenCalledWith(expect.objectContaining({ refusal: 'denied' }), { unauthenticated })
  })

  test('is masked by the policy that made it', async () => {
    const { recorder, log } = world()
    await recorder.decision(decisionFacts(), () => ok(['/input/resource']))
    expect(log.append).toHaveBeenCalledWith(expect.objectContaining({ erased: ['/input/resource'] }))
    await recorder.decision(decisionFacts(), () => err('undefined'))
    expect(log.append).toHaveBeenLastCalledWith(expect.objectContaining({ mask_failed: true }))
  })

  test('labels its metric with a method of ours, or with none', async () => {
    const { recorder, metrics } = world()
    await recorder.decision(decisionFacts(), NO_MASK)
    await recorder.decision({ ...decisionFacts(), input: undefined }, NO_MASK)
    expect(metrics.decision.mock.calls.map(([, method]) => method)).toEqual(['tools/call', 'other'])
  })
})
