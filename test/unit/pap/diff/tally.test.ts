import { describe, expect, test } from '@jest/globals'
import type { Decided } from '../../../../src/model/decision.ts'
import type { PolicyInput } from '../../../../src/model/input.ts'
import type { Change } from '../../../../src/pap/diff/change.ts'
import { changeGroups, countCompared, emptyDiffTally, mergeDiffTallies } from '../../../../src/pap/diff/tally.ts'
import { input } from '../../audit/facts.ts'

const decided: Decided = { effect: 'deny', visible: false, reasons: [], scopes: [], limits: [], obligations: [] }
const allowed: Change = { kind: 'newly-allowed', detail: 'a → b' }
const loosened: Change = { kind: 'limits-loosened', detail: 'x: 1 → 2' }

const asked = (roles: readonly string[], tool: string, claims: object = {}): PolicyInput => ({
  ...input,
  subject: { ...input.subject, properties: { ...input.subject.properties, roles: [...roles], claims: { ...claims } } },
  resource: { ...input.resource, id: tool },
})

function tallyOf(compared: readonly (readonly [PolicyInput, ...Change[]])[]) {
  const tally = emptyDiffTally()
  for (const [question, ...changes] of compared) {
    countCompared(tally, changes, { input: question, base: decided, head: decided })
  }
  return tally
}

const summary = (tally: ReturnType<typeof tallyOf>) =>
  changeGroups(tally).map(({ kind, roles, targets, detail, count }) => ({ kind, roles, targets, detail, count }))

describe('groups of changes', () => {
  test.each<{ what: string; compared: readonly (readonly [PolicyInput, ...Change[]])[]; groups: readonly object[] }>([
    { what: 'no change is no group', compared: [[asked(['a'], 't')]], groups: [] },
    {
      what: 'tools of which the same is said stand together, the gravest class first',
      compared: [
        [asked(['a'], 't'), loosened],
        [asked(['a'], 'u'), allowed],
        [asked(['a'], 't'), allowed],
      ],
      groups: [
        { ...allowed, roles: ['a'], targets: ['t', 'u'], count: 2 },
        { ...loosened, roles: ['a'], targets: ['t'], count: 1 },
      ],
    },
    {
      what: 'a role says it for its combinations, no role for all',
      compared: [
        [asked(['b', 'a'], 't'), allowed],
        [asked(['a'], 't'), allowed],
        [asked(['c', 'd'], 't'), allowed],
        [asked(['a'], 't'), loosened],
        [asked([], 't'), loosened],
      ],
      groups: [
        { ...allowed, roles: ['a'], targets: ['t'], count: 2 },
        { ...allowed, roles: ['c', 'd'], targets: ['t'], count: 1 },
        { ...loosened, roles: [], targets: ['t'], count: 2 },
      ],
    },
    {
      what: 'the own folder of one is that of another',
      compared: [[asked(['a'], 't'), { kind: 'obligations-widened', detail: 'opens /users/alice to read' }]],
      groups: [
        {
          kind: 'obligations-widened',
          detail: 'opens /users/{subject id} to read',
          roles: ['a'],
          targets: ['t'],
          count: 1,
        },
      ],
    },
  ])('$what', ({ compared, groups }) => {
    expect(summary(tallyOf(compared))).toEqual(groups)
  })

  test('the example is the shortest question, and a call rather than the question whether there is one', () => {
    const { arguments: _, ...properties } = input.resource.properties
    const existence = { ...asked(['a'], 't'), resource: { ...input.resource, id: 't', properties } }
    const tally = tallyOf([
      [asked(['a'], 't', { long: 'claim' }), allowed],
      [existence, allowed],
      [asked(['a'], 't'), allowed],
    ])
    expect(changeGroups(tally).map(({ example }) => example.input)).toEqual([asked(['a'], 't')])
  })

  test('parts come to what the whole comes to', () => {
    const compared = [
      [asked(['a'], 't', { x: 1 }), allowed],
      [asked(['a'], 't'), allowed, loosened],
      [asked(['b'], 't')],
    ] as const
    const whole = tallyOf(compared)
    const merged = mergeDiffTallies(compared.map((one) => tallyOf([one])))
    expect(merged).toEqual(whole)
    expect({ asked: whole.asked, different: whole.different, byKind: whole.byKind }).toEqual({
      asked: 3,
      different: 2,
      byKind: { 'newly-allowed': 2, 'limits-loosened': 1 },
    })
  })
})
