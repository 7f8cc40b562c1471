import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../../src/lib/digest.ts'
import type { Decided } from '../../../../src/model/decision.ts'
import type { PolicyInput } from '../../../../src/model/input.ts'
import type { DecisionRecord } from '../../../../src/model/record.ts'
import type { Evaluator } from '../../../../src/pap/replay/evaluator.ts'
import { createProjection } from '../../../../src/pap/replay/projection.ts'
import { askedIn, type Replayed, replay } from '../../../../src/pap/replay/replay.ts'
import { countDamage, countReplayed, emptyReplayTally, mergeReplayTallies } from '../../../../src/pap/replay/tally.ts'
import type { InputReads } from '../../../../src/pdp/loaded-bundle.ts'
import { decision, input } from '../../audit/facts.ts'

const ARGUMENTS = '/input/resource/properties/arguments'
const CLAIMS = '/input/subject/properties/claims'
const deny: Decided = { effect: 'deny', visible: false, reasons: [], scopes: [], limits: [], obligations: [] }
const permit: Decided = { ...deny, effect: 'permit', visible: true }
const reads = (values: readonly string[], types: readonly string[] = []): InputReads => ({
  values: values.map((path) => path.split('.')),
  types: types.map((path) => path.split('.')),
})

const whole = decision({ input, input_sha256: sha256(JSON.stringify(input)), result: permit })
const { arguments: _, ...properties } = input.resource.properties
const bare = { ...input, resource: { ...input.resource, properties } }
const masked: DecisionRecord = { ...whole, input: bare, erased: [ARGUMENTS] }

describe('what a record says was asked', () => {
  test.each<{ what: string; record: DecisionRecord; reads?: InputReads; asked: object }>([
    { what: 'an input that fits its hash', record: whole, asked: { kind: 'question', input, isMasked: false } },
    { what: 'nothing', record: decision(), asked: { kind: 'nothing' } },
    {
      what: 'an input that was left out',
      record: decision({ input_sha256: 'x', mask_failed: true }),
      asked: { kind: 'obstacle', why: 'input not recorded', pointers: [] },
    },
    {
      what: 'an input that was changed',
      record: { ...whole, input: { ...input, action: { name: 'tools/list' } } },
      asked: { kind: 'obstacle', why: 'input changed', pointers: [] },
    },
    {
      what: 'arguments that the policy reads',
      record: masked,
      reads: reads(['resource.properties.arguments.path']),
      asked: { kind: 'obstacle', why: 'input masked', pointers: [ARGUMENTS] },
    },
    {
      what: 'arguments in something that the policy reads',
      record: masked,
      reads: reads(['resource']),
      asked: { kind: 'obstacle', why: 'input masked', pointers: [ARGUMENTS] },
    },
    {
      what: 'arguments when nobody knows what the policy reads',
      record: masked,
      asked: { kind: 'obstacle', why: 'input masked', pointers: [ARGUMENTS] },
    },
    {
      what: 'arguments of which only the type is asked',
      record: masked,
      reads: reads(['resource.properties.paths'], ['resource.properties.arguments', 'resource']),
      asked: {
        kind: 'question',
        input: { ...input, resource: { ...input.resource, properties: { ...properties, arguments: {} } } },
        isMasked: true,
      },
    },
    {
      what: 'an argument whose type is asked',
      record: masked,
      reads: reads([], ['resource.properties.arguments.path']),
      asked: { kind: 'obstacle', why: 'input masked', pointers: [ARGUMENTS] },
    },
    {
      what: 'another member whose type is asked',
      record: { ...whole, erased: ['/input/context/bytes'] },
      reads: reads([], ['context.bytes']),
      asked: { kind: 'obstacle', why: 'input masked', pointers: ['/input/context/bytes'] },
    },
    {
      what: 'replaced arguments, which may not have been there',
      record: { ...whole, masked: [ARGUMENTS] },
      reads: reads([], ['resource.properties.arguments']),
      asked: { kind: 'obstacle', why: 'input masked', pointers: [ARGUMENTS] },
    },
    {
      what: 'a replaced member that the policy does not read',
      record: { ...whole, masked: [CLAIMS] },
      reads: reads(['subject.id']),
      asked: { kind: 'question', input, isMasked: true },
    },
  ])('$what', ({ record, reads, asked }) => {
    expect(askedIn(record, reads)).toEqual(asked)
  })
})

describe('replay', () => {
  const says = (decided: Decided): Evaluator => ({ decide: async () => decided, close: () => undefined })
  test.each<{ what: string; record: DecisionRecord; decided: Decided; replayed: Replayed }>([
    { what: 'the same decision', record: whole, decided: permit, replayed: { kind: 'same', isMasked: false } },
    {
      what: 'another decision',
      record: whole,
      decided: deny,
      replayed: { kind: 'different', input, recorded: permit, decided: deny },
    },
    {
      what: 'no decision, as recorded',
      record: { ...whole, result: { effect: 'indeterminate', cause: 'undefined' } },
      decided: { effect: 'indeterminate', code: 'no_decision', cause: 'aborted' },
      replayed: { kind: 'same', isMasked: false },
    },
    {
      what: 'a decision where none is recorded',
      record: { ...whole, result: { effect: 'permit' } },
      decided: permit,
      replayed: {
        kind: 'different',
        input,
        recorded: { effect: 'indeterminate', code: 'no_decision', cause: 'none recorded' },
        decided: permit,
      },
    },
    {
      what: 'a masked result',
      record: { ...whole, erased: ['/result/limits'] },
      decided: permit,
      replayed: { kind: 'obstacle', why: 'result masked', pointers: ['/result/limits'] },
    },
  ])('$what', async ({ record, decided, replayed }) => {
    expect(await replay(record, says(decided), undefined)).toEqual(replayed)
  })
})

describe('the projection', () => {
  const name = createProjection(reads(['subject.id', 'context.bytes'], ['resource.properties.arguments']))
  const other = (change: object): unknown => ({ ...input, ...change })
  test.each<{ what: string; input: unknown; isSame: boolean }>([
    { what: 'something that is not read', input: other({ action: { name: 'x' } }), isSame: true },
    {
      what: 'another value of the same type',
      input: other({ resource: { properties: { arguments: { x: 1 } } } }),
      isSame: true,
    },
    { what: 'something that is read', input: other({ subject: { id: 'bob' } }), isSame: false },
    { what: 'absence', input: other({ context: {} }), isSame: false },
    { what: 'null for absence', input: other({ context: { bytes: null } }), isSame: false },
    { what: 'another type', input: other({ resource: { properties: { arguments: [] } } }), isSame: false },
  ])('$what: $isSame', ({ input: changed, isSame }) => {
    expect(name(changed) === name(input)).toBe(isSame)
  })

  test('absence and null have two names', () => {
    expect(name({ context: {} })).not.toBe(name({ context: { bytes: null } }))
  })
})

test('parts of a log come to what the whole comes to', () => {
  const asked: PolicyInput = input
  const results: readonly Replayed[] = [
    { kind: 'same', isMasked: true },
    { kind: 'different', input: asked, recorded: deny, decided: permit },
    { kind: 'nothing' },
    { kind: 'obstacle', why: 'input masked', pointers: [CLAIMS] },
    { kind: 'different', input: asked, recorded: permit, decided: deny },
    { kind: 'same', isMasked: false },
  ]
  const count = (lines: readonly number[]) => {
    const tally = emptyReplayTally()
    for (const line of lines) {
      const one = results[line] ?? { kind: 'nothing' }
      countReplayed(tally, one, { file: 0, line, decision_id: `d${line}` }, 1)
      countDamage(tally, { file: 0, line, damaged: 'not JSON' }, 1)
    }
    return tally
  }
  const whole = mergeReplayTallies([count([0, 1, 2, 3, 4, 5])], 1)
  expect(mergeReplayTallies([count([1, 3, 5]), count([0, 2, 4])], 1)).toEqual(whole)
  expect(whole).toEqual({
    ...{ lines: 0, decisions: 6, same: 2, masked: 1, different: 2, unasked: 1, unreplayable: 1, damaged: 6 },
    byKind: { 'newly-allowed': 1, 'newly-visible': 1, 'newly-denied': 1, 'newly-hidden': 1 },
    byObstacle: { 'input masked': 1 },
    differences: [
      {
        ...{ file: 0, line: 1, decision_id: 'd1', kinds: ['newly-allowed', 'newly-visible'] },
        details: ['none', 'no longer none'],
        ...{ input: asked, recorded: deny, decided: permit },
      },
    ],
    obstacles: [{ file: 0, line: 3, decision_id: 'd3', why: 'input masked', pointers: [CLAIMS] }],
    damages: [{ file: 0, line: 0, damaged: 'not JSON' }],
  })
})
