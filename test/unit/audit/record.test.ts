import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { Value } from 'typebox/value'
import { type DecisionFacts, decisionRecord, expectsOutcome, outcomeRecord } from '../../../src/audit/record.ts'
import type { Decision } from '../../../src/model/decision.ts'
import type { LimitState } from '../../../src/model/grant.ts'
import { DecisionRecord, type LogRecord, OutcomeRecord } from '../../../src/model/record.ts'
import { REFUSALS, type Refusal } from '../../../src/model/refusal.ts'
import { decision, input, outcome } from './facts.ts'

const at = new Date('2026-11-22T15:44:00.000Z')
const facts: DecisionFacts = { decisionId: 'd1', timestamp: at, requestId: 'r1', metrics: {} }
const permit: Decision = { effect: 'permit', visible: true, reasons: [], scopes: [], limits: [], obligations: [] }
const state: LimitState = {
  name: 'per day',
  kind: 'window',
  limit: 3,
  used: 3,
  period_seconds: 86_400,
  resets_at: '2026-11-23T00:00:00.000Z',
  retry_after_seconds: 5,
  shadow: false,
}
const hash = createHash('sha256').update(JSON.stringify(input)).digest('hex')

describe('decisionRecord', () => {
  test('of little known holds little, and nothing undefined', () => {
    const record = decisionRecord(facts)
    expect(record).toStrictEqual(decision())
  })

  test('holds everything that is known', () => {
    const record = decisionRecord({
      ...facts,
      traceId: 't1',
      bundle: { revision: 'v1', sha256: 'ab' },
      path: 'mcp/main/decision',
      input,
      decided: permit,
      argumentsSha256: 'cd',
      listed: { asked: 4, shown: 3, indeterminate: 1 },
      enforced: false,
      refusal: { code: 'denied', reasons: [] },
      limits: [state],
      address: '192.0.2.7',
      metrics: { decide: 88 },
    })
    expect(record).toStrictEqual(
      decision({
        trace_id: 't1',
        bundle: { revision: 'v1', sha256: 'ab' },
        path: 'mcp/main/decision',
        input,
        input_sha256: hash,
        result: permit,
        arguments_sha256: 'cd',
        listed: { asked: 4, shown: 3, indeterminate: 1 },
        enforced: false,
        stage: 'decide',
        refusal: 'denied',
        limits: [state],
        address: '192.0.2.7',
        metrics: { decide: 88 },
      }),
    )
    expect(Value.Check(DecisionRecord, record)).toBe(true)
  })

  test.each<{ refusal: Refusal; cause?: string }>([
    { refusal: { code: 'token_missing' } },
    { refusal: { code: 'token_invalid', cause: 'expired' }, cause: 'expired' },
    { refusal: { code: 'no_decision', cause: 'wasm trap' }, cause: 'wasm trap' },
    { refusal: { code: 'broken', cause: 'TypeError' }, cause: 'TypeError' },
    { refusal: { code: 'invalid_request', detail: 'id is null' }, cause: 'id is null' },
    { refusal: { code: 'invalid_envelope', detail: 'no _meta' }, cause: 'no _meta' },
    { refusal: { code: 'header_mismatch', detail: 'Mcp-Name' }, cause: 'Mcp-Name' },
    { refusal: { code: 'unsupported_version', requested: '1999' }, cause: '1999' },
    {
      refusal: {
        code: 'invalid_arguments',
        faults: [
          { pointer: '/path', expected: 'a string' },
          { pointer: '/x', expected: 'nothing' },
        ],
      },
      cause: '/path: a string; /x: nothing',
    },
    { refusal: { code: 'quota_exhausted', exhausted: state, states: [state] }, cause: 'per day' },
    { refusal: { code: 'hidden', name: 'writeFile' } },
    { refusal: { code: 'log_unavailable', retryAfterSeconds: 1 } },
  ])('$refusal.code: stage and cause', ({ refusal, cause }) => {
    expect(decisionRecord({ ...facts, refusal })).toStrictEqual(
      decision({
        stage: REFUSALS[refusal.code].stage,
        refusal: refusal.code,
        ...(cause === undefined ? {} : { cause }),
      }),
    )
  })

  test('an indeterminate decision says why; enforced is written only when it is false', () => {
    const decided = { effect: 'indeterminate', code: 'no_decision', cause: 'undefined' } as const
    expect(decisionRecord({ ...facts, input, decided, enforced: true })).toStrictEqual(
      decision({ input, input_sha256: hash, result: { effect: 'indeterminate', cause: 'undefined' } }),
    )
  })

  test('an input too large to decide on is too large to write: its hash stays', () => {
    const decided = { effect: 'indeterminate', code: 'input_too_large', cause: '300 keys' } as const
    expect(decisionRecord({ ...facts, input, decided, refusal: { code: 'input_too_large' } })).toStrictEqual(
      decision({
        input_sha256: hash,
        result: { effect: 'indeterminate', cause: '300 keys' },
        stage: 'decide',
        refusal: 'input_too_large',
      }),
    )
  })

  test('a cause of a megabyte is cut, with a mark (G-001)', () => {
    const refusal = { code: 'unsupported_version', requested: 'x'.repeat(1e6) } as const
    expect(decisionRecord({ ...facts, refusal }).cause).toBe(`${'x'.repeat(2000)}… (cut)`)
  })
})

describe('outcomeRecord', () => {
  test('holds how the call ended', () => {
    const shared = { decisionId: 'd1', timestamp: new Date('2026-11-22T15:44:00.100Z'), duration: 100_000 }
    const completed = outcomeRecord({ ...shared, outcome: { status: 'completed', bytes: 7 }, charged: true })
    expect(completed).toStrictEqual(outcome())
    const confined = { status: 'confined', fault: 'not_found', bytes: 0, argumentsSha256: 'ab' } as const
    const record = outcomeRecord({ ...shared, outcome: confined, charged: false })
    expect(record).toStrictEqual(
      outcome({ status: 'confined', fault: 'not_found', bytes: 0, arguments_sha256: 'ab', charged: false }),
    )
    expect(Value.Check(OutcomeRecord, record)).toBe(true)
  })
})

describe('expectsOutcome', () => {
  test.each<{ what: string; record: LogRecord; expected: boolean }>([
    { what: 'a permit', record: decision(), expected: true },
    { what: 'a refusal', record: decision({ refusal: 'denied' }), expected: false },
    {
      what: 'a refusal that monitor mode let pass',
      record: decision({ refusal: 'denied', enforced: false }),
      expected: true,
    },
    { what: 'an outcome', record: outcome(), expected: false },
  ])('$what: $expected', ({ record, expected }) => {
    expect(expectsOutcome(record)).toBe(expected)
  })
})
