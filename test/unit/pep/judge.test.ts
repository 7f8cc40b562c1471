import { describe, expect, test } from '@jest/globals'
import type { Target } from '../../../src/model/call.ts'
import type { Decided } from '../../../src/model/decision.ts'
import type { Described } from '../../../src/model/described.ts'
import { REFUSALS, type Refusal, type RefusalCode } from '../../../src/model/refusal.ts'
import { isWaivable, judge, judgeForm } from '../../../src/pep/judge.ts'
import { CALL, DENY, DESCRIBED, LIST, PERMIT } from './world.ts'

const FAULTS = [{ pointer: '/path', expected: 'is required' }]

/** A cause of refusal: what it changes, and what is said when it is the only one or the first in the order. */
type Cause = { decided?: Partial<Decided>; described?: Partial<Described>; refusal: Refusal }

/** In the order of the decide step: the earlier one is what the caller hears. */
const ORDER: readonly Cause[] = [
  {
    decided: { effect: 'indeterminate', code: 'no_decision', cause: 'trap' },
    refusal: { code: 'no_decision', cause: 'trap' },
  },
  { described: { known: false }, refusal: { code: 'unknown_tool', name: 'readFile' } },
  { decided: { effect: 'deny', visible: false }, refusal: { code: 'hidden', name: 'readFile' } },
  {
    described: { mismatched: ['mcp-param-region'] },
    refusal: { code: 'header_mismatch', detail: 'mcp-param-region must mirror the arguments' },
  },
  { described: { faults: FAULTS }, refusal: { code: 'invalid_arguments', faults: FAULTS } },
  { described: { foreignState: true }, refusal: { code: 'foreign_state' } },
  { described: { lacking: ['sampling'] }, refusal: { code: 'capability_missing', required: ['sampling'] } },
  {
    decided: { effect: 'deny', scopes: ['mcp:write', 'mcp:call'] },
    refusal: { code: 'insufficient_scope', scopes: ['mcp:write', 'mcp:call'] },
  },
  { decided: { effect: 'deny' }, refusal: { code: 'denied', reasons: PERMIT.reasons } },
]

const judged = (causes: readonly Cause[]) => {
  // the earlier cause is written last, so that it is not lost where two change the same member
  const changes = [...causes].reverse()
  const decided = Object.assign({}, PERMIT, ...changes.map((cause) => cause.decided)) as Decided
  const described = Object.assign({}, DESCRIBED, ...changes.map((cause) => cause.described)) as Described
  return judge(CALL, described, decided)
}

describe('judge', () => {
  test('says nothing of a permit', () => {
    expect(judged([])).toBeUndefined()
  })

  test.each(ORDER)('$refusal.code alone', (cause) => {
    expect(judged([cause])).toStrictEqual(cause.refusal)
  })

  const pairs = ORDER.flatMap((first, at) => ORDER.slice(at + 1).map((second) => ({ first, second })))
  test.each(pairs)('$first.refusal.code before $second.refusal.code', ({ first, second }) => {
    expect(judged([first, second])).toStrictEqual(first.refusal)
  })

  test('all at once', () => {
    expect(judged(ORDER)).toStrictEqual(ORDER[0]?.refusal)
  })

  test('an input too large says so, and not why', () => {
    const decided = { effect: 'indeterminate', code: 'input_too_large', cause: '300 keys' } as const
    expect(judge(CALL, DESCRIBED, decided)).toStrictEqual({ code: 'input_too_large' })
  })

  test('a permit of something invisible is hidden', () => {
    expect(judge(CALL, DESCRIBED, { ...PERMIT, visible: false })).toStrictEqual({ code: 'hidden', name: 'readFile' })
  })

  test('only tools are unknown or hidden', () => {
    const denied = { code: 'denied', reasons: DENY.reasons }
    expect(judge(LIST, { ...DESCRIBED, known: false }, { ...DENY, visible: false })).toStrictEqual(denied)
  })
})

test('the form of a call is judged headers first', () => {
  expect(judgeForm(DESCRIBED)).toBeUndefined()
  expect(judgeForm({ ...DESCRIBED, faults: FAULTS, mismatched: ['a', 'b'] })).toStrictEqual({
    code: 'header_mismatch',
    detail: 'a, b must mirror the arguments',
  })
})

test('monitor mode waives these codes, and no other', () => {
  const waivable = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => isWaivable({ code } as Refusal))
  expect(waivable).toEqual(['hidden', 'denied', 'insufficient_scope', 'quota_exhausted'])
})

const OF_PROMPT = { type: 'prompt', id: 'greet' } as const
const OF_TEMPLATE = { type: 'resource_template', id: 'test://{id}' } as const
const TYPING = { name: 'a', value: '', given: {} }

test.each<{ target: Target; as: 'unknown_prompt' | 'unknown_resource'; name: string }>([
  { target: { type: 'prompt', name: 'greet', arguments: {} }, as: 'unknown_prompt', name: 'greet' },
  { target: { type: 'resource', uri: 'test://a' }, as: 'unknown_resource', name: 'test://a' },
  { target: { type: 'completion', of: OF_PROMPT, arguments: TYPING }, as: 'unknown_prompt', name: 'greet' },
  { target: { type: 'completion', of: OF_TEMPLATE, arguments: TYPING }, as: 'unknown_resource', name: 'test://{id}' },
])('what is hidden is answered as what is not there: $target', ({ target, as, name }) => {
  const call = { ...CALL, target }
  expect(judge(call, { ...DESCRIBED, known: false }, PERMIT)).toStrictEqual({ code: as, name })
  expect(judge(call, DESCRIBED, { ...DENY, visible: false })).toStrictEqual({ code: 'hidden', name, as })
})
