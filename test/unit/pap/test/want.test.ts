import { describe, expect, jest, test } from '@jest/globals'
import type { Decision, Limit } from '../../../../src/model/decision.ts'
import type { DecisionRecord } from '../../../../src/model/record.ts'
import type { Want } from '../../../../src/pap/test/case-format.ts'
import { wantFaults } from '../../../../src/pap/test/want.ts'

const limit = (name: string, figure: number): Limit => ({
  name,
  key: ['i', 't', 's'],
  kind: 'window',
  limit: figure,
  period: 'day',
  burst: 0,
  cost: 1,
  on_store_error: 'deny',
  shadow: false,
})
const confine = (read: string[][]) => ({ type: 'confine' as const, read, write: [], never: ['a', 'b'] })
const permit: Decision = {
  effect: 'permit',
  visible: true,
  reasons: [
    { code: 'b', message: 'B' },
    { code: 'a', message: 'A' },
  ],
  scopes: [],
  limits: [limit('per day', 5), limit('per hour', 7)],
  obligations: [confine([['x', 'y'], ['z']])],
}
const record: DecisionRecord = {
  kind: 'decision',
  decision_id: 'd',
  timestamp: 't',
  request_id: 'r',
  input: { paths: [['x', 'y']], kept: 1 },
  erased: ['/input/b', '/input/a'],
  metrics: {},
}

const rows: readonly { name: string; want: Want; faults: readonly string[] }[] = [
  { name: 'the effect', want: { effect: 'permit' }, faults: [] },
  { name: 'another effect', want: { effect: 'deny' }, faults: ['effect: wanted deny, decided permit (a, b)'] },
  {
    name: 'another effect, and codes of its own',
    want: { effect: 'deny', codes: ['a', 'b'] },
    faults: ['effect: wanted deny, decided permit'],
  },
  { name: 'another visibility', want: { visible: false }, faults: ['visible: wanted false, decided true'] },
  { name: 'codes in any order', want: { codes: ['a', 'b'] }, faults: [] },
  { name: 'other codes', want: { codes: ['a', 'c'] }, faults: ['codes: lacks c', 'codes: has b, which is not wanted'] },
  { name: 'no scopes', want: { scopes: [] }, faults: [] },
  { name: 'scopes', want: { scopes: ['s'] }, faults: ['scopes: lacks s'] },
  { name: 'limits by name and figure', want: { limits: [{ name: 'per hour', limit: 7 }, 'per day'] }, faults: [] },
  {
    name: 'another figure',
    want: { limits: [{ name: 'per hour', limit: 8, cost: 1 }, 'per day'] },
    faults: ['/limits/per hour/limit: wanted 8, decided 7'],
  },
  {
    name: 'other limits',
    want: { limits: ['per hour', 'per month'] },
    faults: ['limits: lacks per month', 'limits: has per day, which is not wanted'],
  },
  {
    name: 'no limits',
    want: { limits: [] },
    faults: ['limits: has per day, which is not wanted', 'limits: has per hour, which is not wanted'],
  },
  {
    name: 'prefixes and names in any order',
    want: { obligations: [{ ...confine([['z'], ['x', 'y']]), never: ['b', 'a'] }] },
    faults: [],
  },
  {
    name: 'another prefix: its segments are a sequence',
    want: { obligations: [confine([['y', 'x'], ['z']])] },
    faults: [
      '/obligations/confine/read: lacks ["y","x"]',
      '/obligations/confine/read: has ["x","y"], which is not wanted',
    ],
  },
  { name: 'the whole decision', want: { decision: { ...permit, reasons: permit.reasons.toReversed() } }, faults: [] },
  {
    name: 'another decision',
    want: {
      decision: {
        ...permit,
        effect: 'deny',
        limits: [],
        reasons: [
          { code: 'a', message: 'Q' },
          { code: 'b', message: 'B' },
        ],
      },
    },
    faults: [
      '/decision/effect: wanted deny, decided permit',
      '/decision/limits: has per day, which is not wanted',
      '/decision/limits: has per hour, which is not wanted',
      '/decision/reasons/a/message: wanted Q, decided A',
    ],
  },
  {
    name: 'another key: it is a sequence',
    want: { decision: { ...permit, limits: [limit('per hour', 7), { ...limit('per day', 5), key: ['t', 'i', 's'] }] } },
    faults: ['/decision/limits/per day/key: wanted ["t","i","s"], decided ["i","t","s"]'],
  },
  {
    name: 'the record',
    want: { record: { input: { kept: 1, paths: [['x', 'y']] }, erased: ['/input/a', '/input/b'], masked: [] } },
    faults: [],
  },
  {
    name: 'another record',
    want: { record: { input: { kept: 2, paths: [['y', 'x']] }, erased: ['/input/a'] } },
    faults: [
      '/record/input/kept: wanted 2, decided 1',
      '/record/input/paths: lacks ["y","x"]',
      '/record/input/paths: has ["x","y"], which is not wanted',
      '/record/erased: has /input/b, which is not wanted',
    ],
  },
]

describe('of a decision one may want', () => {
  test.each(rows)('$name', ({ want, faults }) => {
    expect(wantFaults(want, permit, () => record)).toEqual(faults)
  })

  test('something without its record being made', () => {
    const make = jest.fn(() => record)
    wantFaults({ effect: 'permit' }, permit, make)
    expect(make).not.toHaveBeenCalled()
  })
})
