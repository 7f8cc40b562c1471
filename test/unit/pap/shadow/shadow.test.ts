import { describe, expect, test } from '@jest/globals'
import type { Decided } from '../../../../src/model/decision.ts'
import { createShadow, type Observed } from '../../../../src/pap/shadow/shadow.ts'
import { decided, question } from './questions.ts'
import { scheduler } from './scheduler.ts'

const ACTIVE = { revision: 'r1', sha256: 'a1' }
const CANDIDATE = { revision: 'r2', sha256: 'c1' }
const NOW = new Date('2026-11-22T15:44:30.000Z')
const PERMIT = decided('permit', 'tools.granted')
const DENY = decided('deny', 'main.no_permit')

const seen = (change: Partial<Observed> = {}): Observed => ({
  input: question({}),
  decided: PERMIT,
  bundle: ACTIVE,
  ...change,
})

function open({ decide = (): Decided => DENY, items = 100, budgetMs = 50 } = {}) {
  const clock = scheduler()
  const asked: Observed['input'][] = []
  const world = {
    active: ACTIVE,
    candidate: { bundle: CANDIDATE, decide } as { bundle: typeof CANDIDATE; decide: () => Decided } | undefined,
  }
  const shadow = createShadow<Observed>({
    ...clock,
    wallClock: () => NOW,
    bounds: { items, weight: 1_000_000, budgetMs },
    active: () => world.active,
    candidate: () => {
      const { candidate } = world
      if (candidate === undefined) return undefined
      const decide = (input: Observed['input']) => {
        asked.push(input)
        return candidate.decide()
      }
      return { bundle: candidate.bundle, decide }
    },
    tools: new Set(['readFile']),
    example: ({ input, decided }, candidate) => ({
      decision_id: input.subject.properties.roles.join('+'),
      timestamp: 't',
      active: decided,
      candidate,
    }),
  })
  return { shadow, clock, asked, world }
}

const NOTHING = { evaluated: 0, different: 0, dropped: 0, waiting: 0, differences: [], examples: [] }
const BEGUN = { ...NOTHING, active: ACTIVE, candidate: CANDIDATE, since: NOW.toISOString() }
const ROW = { rule: 'main.no_permit, tools.granted', tool: 'readFile', role: 'user' }

describe('the shadow of a candidate', () => {
  test('without a candidate nothing is kept', () => {
    const { shadow, clock, world } = open()
    world.candidate = undefined
    shadow.offer(seen())
    expect({ report: shadow.report(), scheduled: clock.scheduled() }).toEqual({
      report: { ...NOTHING, active: ACTIVE },
      scheduled: [],
    })
  })

  test('asks it later, and counts only what it decides otherwise', () => {
    let answer: Decided = PERMIT
    const { shadow, clock, asked } = open({ decide: () => answer })
    shadow.offer(seen())
    expect({ asked: asked.length, report: shadow.report() }).toEqual({ asked: 0, report: { ...BEGUN, waiting: 1 } })
    clock.turn()
    expect(shadow.report()).toEqual({ ...BEGUN, evaluated: 1 })
    answer = DENY
    shadow.offer(seen())
    clock.turn()
    expect(asked).toEqual([question({}), question({})])
    expect(shadow.report()).toEqual({
      ...BEGUN,
      evaluated: 2,
      different: 1,
      differences: [
        { kind: 'newly-denied', ...ROW, count: 1 },
        { kind: 'newly-hidden', ...ROW, count: 1 },
      ],
      examples: [
        {
          kinds: ['newly-denied', 'newly-hidden'],
          decision_id: 'user',
          timestamp: 't',
          active: PERMIT,
          candidate: DENY,
        },
      ],
    })
    expect(shadow.byKind()).toEqual({ 'newly-denied': 1, 'newly-hidden': 1 })
  })

  test('keeps one example of each sort, and ten of a kind', () => {
    const { shadow, clock } = open()
    for (let i = 0; i < 12; i++) {
      const input = question({ roles: [`role-${i}`] })
      shadow.offer(seen({ input }))
      shadow.offer(seen({ input }))
      clock.turn()
    }
    const { different, examples } = shadow.report()
    expect({ different, examples: examples.map(({ decision_id }) => decision_id) }).toEqual({
      different: 24,
      examples: Array.from({ length: 10 }, (_, i) => `role-${i}`),
    })
  })

  test('counts what it has no room for', () => {
    const { shadow } = open({ items: 2 })
    for (let i = 0; i < 5; i++) shadow.offer(seen())
    expect(shadow.report()).toEqual({ ...BEGUN, waiting: 2, dropped: 3 })
  })

  test('a budget of nothing evaluates nothing', () => {
    const { shadow, clock } = open({ budgetMs: 0 })
    shadow.offer(seen())
    expect({ report: shadow.report(), scheduled: clock.scheduled() }).toEqual({ report: BEGUN, scheduled: [] })
  })

  test('a candidate that throws gives no decision, and nothing else happens', () => {
    const { shadow, clock } = open({
      decide: () => {
        throw new Error('out of memory')
      },
    })
    shadow.offer(seen())
    shadow.offer(seen())
    clock.turn()
    const { evaluated, differences, examples } = shadow.report()
    expect({ evaluated, differences, candidate: examples.map(({ candidate }) => candidate) }).toEqual({
      evaluated: 2,
      differences: [
        { kind: 'indeterminate', ...ROW, rule: 'no_decision, tools.granted', count: 2 },
        { kind: 'newly-denied', ...ROW, rule: 'no_decision, tools.granted', count: 2 },
        { kind: 'newly-hidden', ...ROW, rule: 'no_decision, tools.granted', count: 2 },
      ],
      candidate: [{ effect: 'indeterminate', code: 'no_decision', cause: 'out of memory' }],
    })
  })

  test('a candidate that has no decision twenty times is asked no more', () => {
    const { shadow, clock, asked } = open({
      decide: () => ({ effect: 'indeterminate', code: 'no_decision', cause: 'trap' }),
    })
    for (let i = 0; i < 25; i++) shadow.offer(seen())
    clock.turn()
    shadow.offer(seen())
    const { evaluated, suspended, waiting, dropped } = shadow.report()
    expect({ asked: asked.length, evaluated, suspended, waiting, dropped }).toEqual({
      asked: 20,
      evaluated: 20,
      suspended: 'no_decisions',
      waiting: 0,
      dropped: 1,
    })
  })

  test('a candidate that takes too long on one request is asked no more', () => {
    const { shadow, clock, asked } = open({
      decide: () => {
        clock.pass(251)
        return PERMIT
      },
    })
    shadow.offer(seen())
    shadow.offer(seen())
    clock.turn()
    shadow.offer(seen())
    clock.pass(10_000)
    clock.turn()
    expect({ asked: asked.length, report: shadow.report() }).toEqual({
      asked: 1,
      report: { ...BEGUN, evaluated: 1, dropped: 1, suspended: 'too_slow' },
    })
  })

  test('a slow candidate takes its share of a second and no more', () => {
    const { shadow, clock, asked } = open({
      decide: () => {
        clock.pass(30)
        return PERMIT
      },
    })
    for (let i = 0; i < 10; i++) shadow.offer(seen())
    while (clock.now() < 999 && clock.turn() > 0);
    expect({ asked: asked.length, next: clock.scheduled(), waiting: shadow.report().waiting }).toEqual({
      asked: 2,
      next: [1000],
      waiting: 8,
    })
  })

  describe('begins anew', () => {
    const change = {
      'with another candidate': (world: ReturnType<typeof open>['world']) => {
        world.candidate = { bundle: { revision: 'r3', sha256: 'c2' }, decide: () => PERMIT }
      },
      'with another policy in force': (world: ReturnType<typeof open>['world']) => {
        world.active = { revision: 'r4', sha256: 'a2' }
      },
    }
    test.each(Object.entries(change))('%s', (_, apply) => {
      const { shadow, clock, world } = open()
      shadow.offer(seen())
      clock.turn()
      shadow.offer(seen())
      apply(world)
      shadow.offer(seen({ bundle: world.active }))
      expect(shadow.report()).toEqual({
        ...BEGUN,
        active: world.active,
        candidate: world.candidate?.bundle,
        waiting: 1,
      })
    })
  })

  test('what a policy decided that has been replaced is not compared', () => {
    const { shadow, clock, asked, world } = open()
    shadow.offer(seen())
    world.active = { revision: 'r4', sha256: 'a2' }
    clock.turn()
    expect(asked).toEqual([])
  })

  test('a candidate that has gone is asked no more, and what it did stays to be read', () => {
    const { shadow, clock, asked, world } = open({ decide: () => PERMIT })
    shadow.offer(seen())
    clock.turn()
    shadow.offer(seen())
    world.candidate = undefined
    clock.turn()
    expect({ asked: asked.length, report: shadow.report() }).toEqual({
      asked: 1,
      report: { ...BEGUN, evaluated: 1 },
    })
  })
})
