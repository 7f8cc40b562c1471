import { describe, expect, jest, test } from '@jest/globals'
import type { Timer } from '../../../src/lib/deadline.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { Limit } from '../../../src/model/decision.ts'
import type { LimitState } from '../../../src/model/grant.ts'
import { createMeter } from '../../../src/quota/meter.ts'
import { createMemoryStore } from '../../../src/quota/stores/memory.ts'
import type { LimitStore, Reserved } from '../../../src/quota/stores/store.ts'
import { createClocks } from '../../ports/clocks.ts'
import { daily, rate } from '../../ports/limit-store.ts'

const memory = () => createMemoryStore(createClocks())

const spied = (store: LimitStore): jest.Mocked<LimitStore> => ({
  reserve: jest.fn(store.reserve),
  commit: jest.fn(store.commit),
  refund: jest.fn(store.refund),
  peek: jest.fn(store.peek),
  reset: jest.fn(store.reset),
  health: jest.fn(store.health),
})

/** A timer that fires when the test says so. */
const manualTimer = () => {
  const waiting = new Set<() => void>()
  const timer: Timer = (run) => {
    waiting.add(run)
    return () => waiting.delete(run)
  }
  return { timer, waiting, fire: () => [...waiting].map((run) => run()) }
}

const never = new Promise<never>(() => undefined)
const used = async (store: LimitStore) => (await store.peek([])).map((state) => state.used)
const local = { on_store_error: 'local' } as const
const unavailable = err({ code: 'quota_unavailable', retryAfterSeconds: 1 })

describe('meter', () => {
  test('no limits: a grant with nothing in it, and no word to the store', async () => {
    const store = spied(memory())
    const granted = await createMeter({ store, local: memory() }).meter('d1', [])
    expect(granted).toEqual(
      ok({ decisionId: 'd1', states: [], commit: expect.any(Function), refund: expect.any(Function) }),
    )
    if (granted.ok) await Promise.all([granted.value.commit(), granted.value.refund()])
    for (const port of [store.reserve, store.commit, store.refund]) expect(port).not.toHaveBeenCalled()
  })

  test('a grant settles once, as it was settled first', async () => {
    const store = memory()
    const granted = await createMeter({ store, local: memory() }).meter('d1', [daily()])
    if (!granted.ok) throw new Error('refused')
    expect(granted.value.states.map((state) => state.used)).toEqual([1])
    await granted.value.refund()
    await granted.value.commit()
    await granted.value.refund()
    expect(await used(store)).toEqual([0])
  })

  test('an exhausted limit is a refusal with how it stands', async () => {
    const store = memory()
    const { meter, health } = createMeter({ store, local: memory() })
    await meter('d1', [daily({ limit: 1 })])
    const state: LimitState = {
      name: 'per day',
      kind: 'window',
      limit: 1,
      used: 1,
      period_seconds: 86_400,
      resets_at: '2026-11-23T00:00:00.000Z',
      retry_after_seconds: 50_400,
      shadow: false,
    }
    expect(await meter('d2', [daily({ limit: 1 })])).toEqual(
      err({ code: 'quota_exhausted', exhausted: state, states: [state] }),
    )
    expect(health()).toEqual({ local: 0, refused: 0 })
  })

  describe('a store that', () => {
    const outages: readonly { what: string; reserve: LimitStore['reserve']; cause: string }[] = [
      { what: 'rejects', reserve: () => Promise.reject(new Error('down')), cause: 'down' },
      {
        what: 'throws what is no Error',
        reserve: () => {
          throw 'down'
        },
        cause: 'down',
      },
      { what: 'cannot count', reserve: async () => err({ kind: 'unavailable', cause: 'full' }), cause: 'full' },
    ]
    test.each(outages)('$what refuses', async ({ reserve, cause }) => {
      const { meter, health } = createMeter({ store: { ...memory(), reserve }, local: memory() })
      expect(await meter('d1', [daily()])).toEqual(unavailable)
      expect(health()).toEqual({ local: 0, refused: 1, last_error: cause })
    })

    test.each(outages)('$what: limits marked local are counted here, and hold here', async ({ reserve, cause }) => {
      const fallback = memory()
      const { meter, health } = createMeter({ store: { ...memory(), reserve }, local: fallback })
      const limits = [rate({ burst: 1, ...local }), daily({ shadow: true })]
      const first = await meter('d1', limits)
      expect(first.ok).toBe(true)
      const second = await meter('d2', limits)
      expect(!second.ok && second.error.code).toBe('quota_exhausted')
      expect(health()).toEqual({ local: 1, refused: 0, last_error: cause })
      if (first.ok) await first.value.refund()
      expect(await used(fallback)).toEqual([0, 0])
    })

    test('fails: one limit that denies refuses all of the decision', async () => {
      const fallback = spied(memory())
      const store = { ...memory(), reserve: () => Promise.reject(new Error('down')) }
      expect(await createMeter({ store, local: fallback }).meter('d1', [rate(local), daily()])).toEqual(unavailable)
      expect(fallback.reserve).not.toHaveBeenCalled()
    })

    test('fails, and the fallback too: refused', async () => {
      const down = { ...memory(), reserve: () => Promise.reject(new Error('down')) }
      expect(await createMeter({ store: down, local: down }).meter('d1', [rate(local)])).toEqual(unavailable)
    })

    test('hangs is cut off (E-005), and what it takes late is given back', async () => {
      const { timer, waiting, fire } = manualTimer()
      const late: { settle?: (reserved: { ok: true; value: Reserved }) => void } = {}
      const store = spied({
        ...memory(),
        reserve: () =>
          new Promise((resolve) => {
            late.settle = resolve
          }),
      })
      const asked = createMeter({ store, local: memory(), timer }).meter('d1', [daily()])
      fire()
      expect(await asked).toEqual(unavailable)
      expect(store.refund).not.toHaveBeenCalled()
      late.settle?.(ok({ states: [] }))
      await new Promise(setImmediate)
      expect(store.refund.mock.calls).toEqual([['d1']])
      expect(waiting.size).toBe(0)
    })

    test('fails or hangs at settlement does not break the call', async () => {
      const { timer, fire } = manualTimer()
      const store = { ...memory(), commit: () => never, refund: () => Promise.reject(new Error('gone')) }
      const { meter, health } = createMeter({ store, local: memory(), timer, timeoutMs: 50 })
      const grants = await Promise.all([meter('d1', [daily()]), meter('d2', [daily()])])
      const [one, two] = grants.map((grant) => (grant.ok ? grant.value : undefined))
      await one?.refund()
      expect(health()).toEqual({ local: 0, refused: 0, last_error: 'gone' })
      const committing = two?.commit()
      await Promise.resolve()
      fire()
      await committing
      expect(health()).toEqual({ local: 0, refused: 0, last_error: 'no answer within 50 ms' })
    })
  })

  test('many at once against one limit admit exactly that many', async () => {
    const { meter } = createMeter({ store: memory(), local: memory() })
    const limits: readonly Limit[] = [rate({ limit: 1e6, burst: 1e6 }), daily({ limit: 137 })]
    const metered = await Promise.all(Array.from({ length: 500 }, (_, n) => meter(`d${n}`, limits)))
    expect(metered.filter((one) => one.ok).length).toBe(137)
  })
})
