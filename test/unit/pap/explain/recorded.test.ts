import { describe, expect, test } from '@jest/globals'
import type { Decision } from '../../../../src/model/decision.ts'
import type { DecisionRecord } from '../../../../src/model/record.ts'
import { REFUSALS } from '../../../../src/model/refusal.ts'
import { changedSince, recordedFacts, recordedInput } from '../../../../src/pap/explain/recorded.ts'
import { refusalMeaning } from '../../../../src/pap/explain/refusal-meanings.ts'
import { ask } from './question.ts'

const bundle = { revision: 'r1', sha256: 'abc' }
const lines = (change: Partial<DecisionRecord>) => ({
  decision: { kind: 'decision', decision_id: 'd', timestamp: 't', request_id: 'r', metrics: {}, ...change } as const,
})
const input = ask()
const { subject: _, ...nobody } = input

describe('the question of a record', () => {
  test('is its input', () => {
    expect(recordedInput(lines({ input }))).toEqual(input)
  })

  test('has empty arguments and claims where they were erased', () => {
    const { arguments: _, ...properties } = input.resource.properties
    const { claims: __, ...about } = input.subject.properties
    const masked = {
      ...input,
      subject: { ...input.subject, properties: about },
      resource: { ...input.resource, properties },
    }
    const erased = ['/input/resource/properties/arguments', '/input/subject/properties/claims']
    const restored = recordedInput(lines({ input: masked, erased }))
    expect([restored?.resource.properties.arguments, restored?.subject.properties.claims]).toEqual([{}, {}])
  })

  test.each<{ what: string; record: Partial<DecisionRecord>; why: string }>([
    {
      what: 'the mask failed',
      record: { mask_failed: true, input_sha256: 'x' },
      why: 'the mask of the policy failed, so that the record holds no input',
    },
    { what: 'the subject was erased', record: { input: nobody }, why: 'the mask took members that every question has' },
    { what: 'it was too large', record: { input_sha256: 'x' }, why: 'the question was too large to be kept' },
    {
      what: 'nobody asked',
      record: { stage: 'parse' },
      why: 'the request ended at the step "parse", before there was a question for policy',
    },
  ])('is none where $what', ({ record, why }) => {
    expect(recordedInput(lines(record))).toBeUndefined()
    expect(recordedFacts(lines(record), bundle).not_decided_again).toBe(why)
  })
})

describe('the policy of a record', () => {
  test.each<{ of: DecisionRecord['bundle']; policy: string }>([
    { of: bundle, policy: 'same' },
    { of: { revision: 'r1', sha256: 'def' }, policy: 'revision' },
    { of: { revision: 'r0', sha256: 'def' }, policy: 'other' },
    { of: undefined, policy: 'none' },
  ])('$policy', ({ of, policy }) => {
    expect(recordedFacts(lines(of === undefined ? {} : { bundle: of }), bundle).policy).toBe(policy)
  })
})

describe('what changed since', () => {
  const denied: Decision = {
    effect: 'deny',
    visible: true,
    reasons: [
      { code: 'b', message: '' },
      { code: 'a', message: '' },
    ],
    scopes: [],
    limits: [],
    obligations: [],
  }

  test('nothing, whatever the order', () => {
    const result = { ...denied, reasons: denied.reasons.toReversed() }
    expect(changedSince(lines({ result }), denied)).toEqual([])
  })

  test('each member that says otherwise', () => {
    const result = { ...denied, visible: false, reasons: [], scopes: ['s'] }
    expect(changedSince(lines({ result }), denied)).toEqual([
      'visible: false then, true now',
      'reasons: none then, a, b now',
      'scopes: s then, none now',
    ])
  })

  test('a decision where there was none', () => {
    const result = { effect: 'indeterminate', cause: 'x' }
    expect(changedSince(lines({ result }), denied)).toEqual([
      'effect: indeterminate then, deny now',
      'visible: none then, true now',
      'reasons: none then, a, b now',
    ])
  })
})

describe('what refusals mean', () => {
  test.each(Object.keys(REFUSALS))('%s is a sentence of its own', (code) => {
    expect(refusalMeaning(code)).toMatch(/^[A-Z].*\.$/)
    const same = Object.keys(REFUSALS).filter((other) => refusalMeaning(other) === refusalMeaning(code))
    expect(same).toEqual([code])
  })

  test('a code of another version', () => {
    expect(refusalMeaning('toString')).toBe('This version knows no such refusal.')
  })
})
