import { describe, expect, test } from '@jest/globals'
import type { Decided } from '../../../../src/model/decision.ts'
import { createTally, labelsOf } from '../../../../src/pap/shadow/tally.ts'
import { decided, question } from './questions.ts'

const TOOLS = new Set(['readFile'])
const LABELS = { rule: 'a', tool: 'readFile', role: 'user' }

describe('a tally', () => {
  test('counts by kind and labels, the most frequent first', () => {
    const tally = createTally()
    expect([
      tally.add('newly-denied', LABELS),
      tally.add('newly-allowed', LABELS),
      tally.add('newly-allowed', { ...LABELS, role: 'admin' }),
      tally.add('newly-allowed', LABELS),
    ]).toEqual([true, true, true, false])
    expect(tally.rows()).toEqual([
      { kind: 'newly-allowed', ...LABELS, count: 2 },
      { kind: 'newly-denied', ...LABELS, count: 1 },
      { kind: 'newly-allowed', ...LABELS, role: 'admin', count: 1 },
    ])
    expect(tally.byKind()).toEqual({ 'newly-denied': 1, 'newly-allowed': 3 })
  })

  test('counts together what goes beyond 500 rows', () => {
    const tally = createTally()
    for (let i = 0; i < 600; i++) tally.add('newly-denied', { ...LABELS, role: `role-${i}` })
    const rows = tally.rows()
    expect({ rows: rows.length, first: rows[0] }).toEqual({
      rows: 501,
      first: { kind: 'newly-denied', rule: 'other', tool: 'other', role: 'other', count: 100 },
    })
    expect(tally.byKind()).toEqual({ 'newly-denied': 600 })
  })
})

type Case = {
  readonly name: string
  readonly active?: Decided
  readonly candidate?: Decided
  readonly roles?: readonly string[]
  readonly tool?: string
  readonly labels: object
}

const CASES: readonly Case[] = [
  {
    name: 'codes that only one has, of either',
    active: decided('permit', 'a', 'b'),
    candidate: decided('deny', 'b', 'c'),
    labels: { rule: 'a, c' },
  },
  {
    name: 'the same codes',
    active: decided('permit', 'b', 'a'),
    candidate: decided('permit', 'a', 'b'),
    labels: { rule: 'a, b' },
  },
  { name: 'no codes', active: decided('permit'), candidate: decided('permit'), labels: { rule: 'none' } },
  {
    name: 'no decision',
    candidate: { effect: 'indeterminate', code: 'no_decision', cause: 'trap' },
    labels: { rule: 'no_decision, tools.granted' },
  },
  { name: 'several roles, in one order', roles: ['user', 'admin', 'user'], labels: { role: 'admin+user' } },
  { name: 'no role', roles: [], labels: { role: 'none' } },
  { name: 'roles without end', roles: ['x'.repeat(201)], labels: { role: 'other' } },
  { name: 'a tool that nobody knows', tool: 'made-up', labels: { tool: 'other' } },
]

test.each(CASES)('labels: $name', ({ active, candidate, roles, tool, labels }) => {
  const granted = decided('permit', 'tools.granted')
  expect(labelsOf(question({ roles, tool }), active ?? granted, candidate ?? granted, TOOLS)).toEqual({
    rule: 'tools.granted',
    tool: 'readFile',
    role: 'user',
    ...labels,
  })
})

test('labels: what calls no tool is counted under its action', () => {
  const input = {
    ...question({}),
    action: { name: 'tools/list' },
    resource: { type: 'server', id: 'files', properties: {} },
  }
  expect(labelsOf(input, decided('permit'), decided('deny'), TOOLS)).toEqual({
    rule: 'none',
    tool: 'tools/list',
    role: 'user',
  })
})
