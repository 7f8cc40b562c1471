import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Limit } from '../../src/model/decision.ts'
import type { Clocks } from '../../src/quota/stores/instant.ts'
import type { LimitStore } from '../../src/quota/stores/store.ts'
import { createClocks } from './clocks.ts'

export type StoreUnderTest = (clocks: Clocks & { readonly maxKeys?: number }) => LimitStore

export const alice = ['https://issuer', 'acme', 'alice', 'readFile']

export const rate = (change: Partial<Limit> = {}): Limit => ({
  name: 'per minute',
  key: alice,
  kind: 'rate',
  limit: 60,
  period: 60,
  burst: 3,
  cost: 1,
  on_store_error: 'deny',
  shadow: false,
  ...change,
})
export const daily = (change: Partial<Limit> = {}): Limit =>
  rate({ name: 'per day', kind: 'window', limit: 3, period: 'day', burst: 0, ...change })
export const inFlight = (change: Partial<Limit> = {}): Limit =>
  rate({ name: 'in flight', kind: 'concurrency', limit: 2, period: 30, burst: 0, ...change })

const HOUR = 3_600_000

/** What every limit store must do, whatever it counts in. */
export const limitStoreSuite = (name: string, create: StoreUnderTest) => {
  const world = (options: { start?: string; maxKeys?: number } = {}) => {
    const clocks = createClocks(options.start)
    const store = create({
      monotonic: clocks.monotonic,
      now: clocks.now,
      ...(options.maxKeys === undefined ? {} : { maxKeys: options.maxKeys }),
    })
    let calls = 0
    const reserve = (...limits: Limit[]) => {
      calls += 1
      return store.reserve(`call-${calls}`, limits)
    }
    const admits = async (...limits: Limit[]) => (await reserve(...limits)).ok
    const admitted = async (tries: number, ...limits: Limit[]) => {
      const results = await Promise.all(Array.from({ length: tries }, () => reserve(...limits)))
      return results.filter((result) => result.ok).length
    }
    return { ...clocks, store, reserve, admits, admitted }
  }

  describe(name, () => {
    describe('admits exactly what a limit allows', () => {
      test.each<{ what: string; limit: Limit; expected: number }>([
        { what: 'rate: the burst', limit: rate({ burst: 10 }), expected: 10 },
        { what: 'rate: a burst of 0 is one call', limit: rate({ burst: 0 }), expected: 1 },
        { what: 'rate: a burst of 0 is one call of any cost', limit: rate({ burst: 0, cost: 5 }), expected: 1 },
        { what: 'rate: costs weigh', limit: rate({ burst: 10, cost: 3 }), expected: 3 },
        { what: 'rate: a cost above the burst never fits', limit: rate({ burst: 2, cost: 3 }), expected: 0 },
        { what: 'window: the limit', limit: daily({ limit: 50 }), expected: 50 },
        { what: 'window: costs weigh', limit: daily({ limit: 1, cost: 0.1 }), expected: 10 },
        { what: 'window: a cost above the limit never fits', limit: daily({ limit: 2, cost: 3 }), expected: 0 },
        { what: 'concurrency: the limit', limit: inFlight({ limit: 7 }), expected: 7 },
        { what: 'rate 0 (E-018)', limit: rate({ limit: 0 }), expected: 0 },
        { what: 'window 0 (E-018)', limit: daily({ limit: 0 }), expected: 0 },
        { what: 'concurrency 0 (E-018)', limit: inFlight({ limit: 0 }), expected: 0 },
        { what: 'limit 0 admits not even a cost of 0', limit: rate({ limit: 0, cost: 0 }), expected: 0 },
        { what: 'limit 1.5 (E-018)', limit: daily({ limit: 1.5 }), expected: 1 },
        { what: 'cost 0 takes nothing', limit: daily({ limit: 1, cost: 0 }), expected: 100 },
        { what: 'shadow refuses nobody', limit: daily({ limit: 1, shadow: true }), expected: 100 },
      ])('$what', async ({ limit, expected }) => {
        const { admitted } = world()
        expect(await admitted(100, limit)).toBe(expected)
      })
    })

    test('a refused call takes from no limit', async () => {
      const { admitted, admits, store } = world()
      expect(await admitted(9, rate({ burst: 2 }), daily({ limit: 100 }), inFlight({ limit: 100 }))).toBe(2)
      const used = (await store.peek(alice)).map((state) => [state.name, state.used])
      expect(new Map(used as [string, number][])).toEqual(
        new Map([
          ['per minute', 2],
          ['per day', 2],
          ['in flight', 2],
        ]),
      )
      expect(await admits(daily({ limit: 100 }))).toBe(true)
    })

    test('the same decision is charged once, and another one again', async () => {
      const { store, admits } = world()
      const first = await store.reserve('same', [daily({ limit: 2 })])
      expect(await store.reserve('same', [daily({ limit: 2 })])).toEqual(first)
      expect(await admits(daily({ limit: 2 }))).toBe(true)
      expect(await admits(daily({ limit: 2 }))).toBe(false)
    })

    test('a limit named twice counts once; with two sets of figures it cannot be counted', async () => {
      const { reserve, store } = world()
      expect((await reserve(daily(), daily())).ok).toBe(true)
      expect((await store.peek(alice)).map((state) => state.used)).toEqual([1])
      expect(await reserve(daily(), daily({ limit: 99 }))).toEqual({
        ok: false,
        error: { kind: 'unavailable', cause: 'limit per day has two sets of figures' },
      })
    })

    describe('tells how a limit stands', () => {
      test.each<{ what: string; limit: Limit; state: object }>([
        {
          what: 'rate',
          limit: rate({ burst: 1 }),
          state: { kind: 'rate', limit: 60, used: 1, period_seconds: 60, resets_at: '2026-11-22T10:00:01.000Z' },
        },
        {
          what: 'window of a day',
          limit: daily({ limit: 1 }),
          state: { kind: 'window', limit: 1, used: 1, period_seconds: 86_400, resets_at: '2026-11-23T00:00:00.000Z' },
        },
        {
          what: 'window of a month',
          limit: daily({ limit: 1, period: 'month' }),
          state: {
            kind: 'window',
            limit: 1,
            used: 1,
            period_seconds: 30 * 86_400,
            resets_at: '2026-12-01T00:00:00.000Z',
          },
        },
        {
          what: 'window of 90 seconds',
          limit: daily({ limit: 1, period: 90 }),
          state: { kind: 'window', limit: 1, used: 1, period_seconds: 90, resets_at: '2026-11-22T10:01:30.000Z' },
        },
        {
          what: 'concurrency',
          limit: inFlight({ limit: 1 }),
          state: { kind: 'concurrency', limit: 1, used: 1, period_seconds: 30, resets_at: '2026-11-22T10:00:30.000Z' },
        },
      ])('$what', async ({ limit, state }) => {
        const { reserve } = world()
        const seconds = { rate: 1, window: 0, concurrency: 1 }[limit.kind]
        const end = Date.parse((state as { resets_at: string }).resets_at)
        const retry = seconds === 0 ? (end - Date.parse('2026-11-22T10:00:00.000Z')) / 1000 : seconds
        const whole = { name: limit.name, shadow: false, ...state, retry_after_seconds: retry }
        expect(await reserve(limit)).toEqual({ ok: true, value: { states: [whole] } })
        expect(await reserve(limit)).toEqual({
          ok: false,
          error: { kind: 'exhausted', exhausted: whole, states: [whole] },
        })
      })

      test('of several that refuse, the one with the longest wait; shadow ones are shown but never that one', async () => {
        const { reserve } = world()
        const limits = [
          daily({ limit: 0, shadow: true }),
          rate({ burst: 1 }),
          daily({ name: 'per 90 s', period: 90, limit: 1 }),
        ]
        expect((await reserve(...limits)).ok).toBe(true)
        const second = await reserve(...limits)
        expect(!second.ok && second.error.kind === 'exhausted' && second.error.exhausted.name).toBe('per 90 s')
        const states = !second.ok && second.error.kind === 'exhausted' ? second.error.states : []
        expect(states.map((state) => [state.name, state.shadow, state.used, state.retry_after_seconds])).toEqual([
          ['per day', true, 0, 86_400],
          ['per minute', false, 1, 1],
          ['per 90 s', false, 1, 90],
        ])
      })

      test('a limit that never admits answers with a whole period', async () => {
        const { reserve } = world()
        const result = await reserve(rate({ limit: 0 }))
        expect(!result.ok && result.error.kind === 'exhausted' && result.error.exhausted.retry_after_seconds).toBe(60)
      })

      test('an absurdly small limit still has a date', async () => {
        const { reserve } = world()
        const result = await reserve(rate({ limit: 1e-300, cost: 1e9, burst: 1e9 }))
        expect(result.ok && result.value.states[0]?.resets_at).toBe('9999-12-31T00:00:00.000Z')
      })
    })

    describe('settlement', () => {
      test.each<{ how: 'commit' | 'refund'; limit: Limit; free: boolean }>([
        { how: 'commit', limit: rate({ burst: 1 }), free: false },
        { how: 'refund', limit: rate({ burst: 1 }), free: true },
        { how: 'commit', limit: daily({ limit: 1 }), free: false },
        { how: 'refund', limit: daily({ limit: 1 }), free: true },
        { how: 'commit', limit: inFlight({ limit: 1 }), free: true },
        { how: 'refund', limit: inFlight({ limit: 1 }), free: true },
      ])('$how of $limit.kind frees it: $free', async ({ how, limit, free }) => {
        const { store, admits } = world()
        await store.reserve('one', [limit])
        await store[how]('one')
        expect(await admits(limit)).toBe(free)
      })

      test('a second settlement, or one of an unknown decision, changes nothing', async () => {
        const { store, admitted } = world()
        for (const id of ['one', 'two', 'three']) await store.reserve(id, [daily()])
        await store.refund('one')
        await store.refund('one')
        await store.commit('two')
        await store.refund('two')
        await store.refund('never seen')
        expect(await admitted(9, daily())).toBe(1)
      })

      test('refunds in any order give all of it back', async () => {
        const { store, admitted, advance } = world()
        for (const id of ['a', 'b', 'c']) await store.reserve(id, [rate()])
        for (const id of ['c', 'a', 'b']) await store.refund(id)
        expect(await admitted(9, rate())).toBe(3)
        advance(600_000)
        for (const id of ['d', 'e', 'f']) await store.reserve(id, [rate()])
        for (const id of ['d', 'e', 'f']) await store.refund(id)
        expect(await admitted(9, rate())).toBe(3)
      })

      test('a late refund of a rate gives nothing that time gave back already', async () => {
        const { store, admits, advance } = world()
        await store.reserve('old', [rate({ burst: 1 })])
        advance(5000)
        expect(await admits(rate({ burst: 1 }))).toBe(true)
        await store.refund('old')
        expect(await admits(rate({ burst: 1 }))).toBe(false)
      })

      test('a refund after its window gives nothing to the next', async () => {
        const { store, admitted, advance } = world()
        await store.reserve('old', [daily()])
        advance(14 * HOUR)
        expect(await admitted(9, daily())).toBe(3)
        await store.refund('old')
        expect(await admitted(9, daily())).toBe(0)
      })

      test('the lease of a lost call expires', async () => {
        const { admits, advance } = world()
        expect(await admits(inFlight({ limit: 1 }))).toBe(true)
        advance(29_999)
        expect(await admits(inFlight({ limit: 1 }))).toBe(false)
        advance(1)
        expect(await admits(inFlight({ limit: 1 }))).toBe(true)
      })
    })

    describe('time', () => {
      test('a window ends at its UTC edge, and not at the wall clock set back', async () => {
        const { admitted, advance, jump } = world({ start: '2026-11-22T23:30:00.000Z' })
        expect(await admitted(9, daily())).toBe(3)
        jump(-HOUR)
        expect(await admitted(9, daily())).toBe(0)
        advance(30 * 60_000 - 1)
        expect(await admitted(9, daily())).toBe(0)
        advance(1)
        expect(await admitted(9, daily())).toBe(3)
        advance(HOUR)
        expect(await admitted(9, daily())).toBe(0)
      })

      test('a clock set back by years freezes nothing', async () => {
        const { admitted, advance, jump } = world({ start: '2026-11-22T23:59:00.000Z' })
        expect(await admitted(9, daily(), rate({ burst: 100 }), inFlight({ limit: 100 }))).toBe(3)
        jump(-400 * 24 * HOUR)
        advance(60_000)
        expect(await admitted(9, daily(), rate({ burst: 100 }), inFlight({ limit: 100 }))).toBe(3)
      })

      test('a machine that slept sees the new day', async () => {
        const { admitted, jump } = world()
        expect(await admitted(9, daily())).toBe(3)
        jump(24 * HOUR)
        expect(await admitted(9, daily())).toBe(3)
      })

      test('a small correction neither ends a window nor holds it open', async () => {
        const { admitted, advance, jump } = world({ start: '2026-11-22T23:59:59.900Z' })
        advance(200)
        expect(await admitted(9, daily())).toBe(3)
        jump(-200)
        expect(await admitted(9, daily())).toBe(0)
        advance(24 * HOUR)
        expect(await admitted(9, daily())).toBe(0)
        advance(100)
        expect(await admitted(9, daily())).toBe(3)
      })

      test('the wall clock does not touch rates and leases', async () => {
        const { admitted, jump } = world()
        const limits = [rate({ burst: 5 }), inFlight({ limit: 5 })]
        expect(await admitted(9, ...limits)).toBe(5)
        jump(365 * 24 * HOUR)
        expect(await admitted(9, ...limits)).toBe(0)
      })

      test('a rate has no edge to burst over (E-013)', async () => {
        const { admitted, advance } = world({ start: '2026-11-22T10:00:59.000Z' })
        const limit = rate({ limit: 100, burst: 10 })
        expect(await admitted(100, limit)).toBe(10)
        advance(1000)
        expect(await admitted(100, limit)).toBe(1)
      })
    })

    describe('a change of figures', () => {
      test('a rate keeps what is taken, in units, and drains at the new speed', async () => {
        const { admitted, advance } = world()
        expect(await admitted(9, rate({ limit: 1, period: 86_400, burst: 3 }))).toBe(3)
        expect(await admitted(9, rate({ burst: 3 }))).toBe(0)
        advance(2000)
        expect(await admitted(9, rate({ burst: 3 }))).toBe(2)
      })

      test('a window keeps what is used when it becomes longer or shorter', async () => {
        const { admitted } = world()
        expect(await admitted(9, daily())).toBe(3)
        expect(await admitted(9, daily({ period: 'month', limit: 5 }))).toBe(2)
        expect(await admitted(9, daily({ limit: 5 }))).toBe(0)
      })

      test('a window that becomes longer or shorter ends when the new one does', async () => {
        const { reserve } = world()
        const endOf = async (limit: Limit) => {
          const reserved = await reserve(limit)
          return reserved.ok ? reserved.value.states[0]?.resets_at : reserved
        }
        expect(await endOf(daily({ limit: 9 }))).toBe('2026-11-23T00:00:00.000Z')
        expect(await endOf(daily({ limit: 9, period: 'month' }))).toBe('2026-12-01T00:00:00.000Z')
        expect(await endOf(daily({ limit: 9, period: 90 }))).toBe('2026-11-22T10:01:30.000Z')
      })
    })

    describe('keys', () => {
      test.each<{ what: string; one: Partial<Limit>; other: Partial<Limit> }>([
        { what: 'a delimiter in a part', one: { key: ['i', 't', 'a:b', 'c'] }, other: { key: ['i', 't', 'a', 'b:c'] } },
        { what: 'a quote in a part', one: { key: ['i', 't', 'a","b'] }, other: { key: ['i', 't', 'a', 'b'] } },
        { what: 'a part more', one: { key: ['i', 't', 'a'] }, other: { key: ['i', 't', 'a', ''] } },
        { what: 'case', one: { key: ['i', 't', 'Alice'] }, other: { key: ['i', 't', 'alice'] } },
        { what: 'Unicode form', one: { key: ['i', 't', '\u00e9'] }, other: { key: ['i', 't', 'e\u0301'] } },
        {
          what: 'name against key',
          one: { name: 'a', key: ['b', 'c', 'd'] },
          other: { name: 'a","b', key: ['c', 'd', ''] },
        },
        { what: 'the kind', one: {}, other: { kind: 'rate', burst: 3 } },
      ])('are exact (E-015): $what', async ({ one, other }) => {
        const { admitted } = world()
        expect(await admitted(9, daily(one))).toBe(3)
        expect(await admitted(9, daily(other))).toBe(3)
      })

      test('peek and reset see what begins with the prefix, and nothing else', async () => {
        const { store, admitted, reserve } = world()
        const bob = ['https://issuer', 'acme', 'bob']
        await reserve(daily(), rate())
        await reserve(daily({ key: bob }))
        expect((await store.peek(['https://issuer', 'acme'])).length).toBe(3)
        expect(await store.peek(bob)).toEqual([
          {
            name: 'per day',
            kind: 'window',
            limit: 3,
            used: 1,
            period_seconds: 86_400,
            resets_at: '2026-11-23T00:00:00.000Z',
            retry_after_seconds: 0,
            shadow: false,
            key: bob,
          },
        ])
        expect(await store.peek(['https://issuer', 'ac'])).toEqual([])
        expect(await store.reset(alice, 'per day')).toBe(1)
        expect((await store.peek([])).map((state) => state.name).sort()).toEqual(['per day', 'per minute'])
        expect(await store.reset(bob)).toBe(1)
        expect(await admitted(9, daily({ key: bob }))).toBe(3)
      })

      test('a refund after a reset gives nothing to the new counter', async () => {
        const { store, admitted } = world()
        await store.reserve('old', [daily(), rate()])
        await store.reset(alice)
        expect(await admitted(9, daily(), rate())).toBe(3)
        await store.refund('old')
        expect(await admitted(9, daily())).toBe(0)
        expect(await admitted(9, rate())).toBe(0)
      })
    })

    describe('a bounded number of keys (E-014)', () => {
      const key = (n: number) => ['issuer', 'tenant', `user-${n}`]
      const hourly = (n: number) => daily({ key: key(n), period: 3600, limit: 1 })

      test('full of live counters, new keys are refused and known ones still counted', async () => {
        const { admits, reserve, store } = world({ maxKeys: 10 })
        for (let n = 0; n < 10; n += 1) expect(await admits(hourly(n))).toBe(true)
        expect(await reserve(hourly(10))).toEqual({
          ok: false,
          error: { kind: 'unavailable', cause: 'all 10 counters are in use' },
        })
        expect(await admits({ ...hourly(10), shadow: true })).toBe(true)
        const known = await reserve(hourly(3))
        expect(!known.ok && known.error.kind).toBe('exhausted')
        expect(await store.health()).toEqual({ available: false, keys: 10, max_keys: 10 })
      })

      test('counters that say nothing any more make room', async () => {
        const { admits, advance, store } = world({ maxKeys: 10 })
        for (let n = 0; n < 10; n += 1) await admits(hourly(n))
        advance(HOUR)
        for (let n = 10; n < 20; n += 1) expect(await admits(hourly(n))).toBe(true)
        expect((await store.health()).keys).toBe(10)
      })

      test('a spent limit is never forgotten, whatever comes', async () => {
        const { admits, advance } = world({ maxKeys: 50 })
        const spent = daily({ limit: 1, key: key(-1) })
        expect(await admits(spent)).toBe(true)
        for (let n = 0; n < 2000; n += 1) {
          await admits(rate({ key: key(n), burst: 1 }))
          advance(100)
        }
        expect(await admits(spent)).toBe(false)
      })

      test('what is refused or costs nothing takes no key', async () => {
        const { admits, store } = world({ maxKeys: 10 })
        for (let n = 0; n < 100; n += 1) await admits(rate({ key: key(n), limit: 0 }))
        for (let n = 0; n < 100; n += 1) await admits(rate({ key: key(n), cost: 0 }))
        expect((await store.health()).keys).toBe(0)
      })
    })

    describe('whatever the sequence', () => {
      type Step = { readonly op: 'reserve' | 'commit' | 'refund' | 'advance'; readonly n: number }
      const steps = fc.array(
        fc.record<Step>({
          op: fc.constantFrom('reserve', 'reserve', 'reserve', 'commit', 'refund', 'advance'),
          n: fc.nat({ max: 999 }),
        }),
        { maxLength: 60 },
      )
      type Call = {
        readonly id: string
        readonly at: number
        readonly cost: number
        state: 'open' | 'commit' | 'refund'
      }

      /** Plays the steps on one limit, and asks `judge` about each answer of the store. */
      const play = async (
        sequence: readonly Step[],
        limit: Limit,
        judge: (admitted: boolean, call: Call, calls: readonly Call[]) => void,
      ) => {
        const { store, advance, monotonic } = world()
        const calls: Call[] = []
        for (const [index, { op, n }] of sequence.entries()) {
          if (op === 'advance') advance(n * 3)
          else if (op === 'reserve') {
            const call: Call = { id: `call-${index}`, at: monotonic(), cost: 1 + (n % 3), state: 'open' }
            const { ok } = await store.reserve(call.id, [{ ...limit, cost: call.cost }])
            judge(ok, call, calls)
            if (ok) calls.push(call)
          } else {
            const call = calls[n % Math.max(1, calls.length)]
            if (call?.state !== 'open') continue
            call.state = op
            await store[op](call.id)
          }
        }
        return calls
      }

      test('a rate never exceeds burst + limit over any span', async () => {
        await fc.assert(
          fc.asyncProperty(steps, fc.integer({ min: 3, max: 6 }), async (sequence, burst) => {
            const limit = rate({ limit: 2, period: 1, burst })
            const calls = await play(sequence, limit, () => undefined)
            const kept = calls.filter((call) => call.state !== 'refund')
            for (const [index, first] of kept.entries()) {
              let sum = 0
              for (const last of kept.slice(index)) {
                sum += last.cost
                expect(sum).toBeLessThanOrEqual(burst + ((last.at - first.at) / 1000) * 2 + 1e-6)
              }
            }
          }),
          { numRuns: 300 },
        )
      })

      test('a rate without refunds is a leaky bucket, call by call', async () => {
        await fc.assert(
          fc.asyncProperty(steps, async (sequence) => {
            let level = 0
            let since = 0
            const noRefunds = sequence.filter((step) => step.op !== 'refund')
            await play(noRefunds, rate({ limit: 2, period: 1, burst: 5 }), (admitted, call) => {
              level = Math.max(0, level - ((call.at - since) / 1000) * 2)
              since = call.at
              expect(admitted).toBe(level + call.cost <= 5 + 1e-6)
              if (admitted) level += call.cost
            })
          }),
          { numRuns: 300 },
        )
      })

      test('a window counts what was kept in it', async () => {
        const windowOf = (call: Call) => Math.floor((call.at - 5000) / 2000)
        await fc.assert(
          fc.asyncProperty(steps, async (sequence) => {
            await play(sequence, daily({ limit: 6, period: 2 }), (admitted, call, calls) => {
              const kept = calls.filter((one) => one.state !== 'refund' && windowOf(one) === windowOf(call))
              const used = kept.reduce((sum, one) => sum + one.cost, 0)
              expect(admitted).toBe(used + call.cost <= 6)
            })
          }),
          { numRuns: 300 },
        )
      })

      test('concurrency counts what is open and not expired', async () => {
        await fc.assert(
          fc.asyncProperty(steps, async (sequence) => {
            await play(sequence, inFlight({ limit: 4, period: 2 }), (admitted, call, calls) => {
              const open = calls.filter((one) => one.state === 'open' && one.at + 2000 > call.at)
              const used = open.reduce((sum, one) => sum + one.cost, 0)
              expect(admitted).toBe(used + call.cost <= 4)
            })
          }),
          { numRuns: 300 },
        )
      })

      test('whoever waits as long as told is admitted', async () => {
        await fc.assert(
          fc.asyncProperty(
            steps,
            fc.constantFrom(rate({ limit: 2, period: 1, burst: 5 }), daily({ limit: 6, period: 2 })),
            async (sequence, limit) => {
              const { store, advance } = world()
              for (const [index, { op, n }] of sequence.entries()) {
                if (op === 'advance') advance(n)
                const costing = { ...limit, cost: 1 + (n % 3) }
                const first = await store.reserve(`call-${index}`, [costing])
                if (first.ok || first.error.kind !== 'exhausted') continue
                advance(first.error.exhausted.retry_after_seconds * 1000)
                expect((await store.reserve(`again-${index}`, [costing])).ok).toBe(true)
              }
            },
          ),
          { numRuns: 200 },
        )
      })
    })
  })
}
