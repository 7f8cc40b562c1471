import { describe, expect, test } from '@jest/globals'
import { type BackgroundBounds, createBackground } from '../../../../src/pap/shadow/background.ts'
import { scheduler } from './scheduler.ts'

/** Every item takes as many milliseconds as it says. */
function open(bounds: Partial<BackgroundBounds> = {}) {
  const clock = scheduler()
  const done: number[] = []
  const background = createBackground<number>({
    ...clock,
    bounds: { items: 100, weight: 1000, budgetMs: 50, ...bounds },
    weigh: (item) => item,
    work: (item) => {
      done.push(item)
      clock.pass(item)
    },
  })
  return { clock, done, background }
}

describe('work in the background', () => {
  test('is not done by whoever offers it', () => {
    const { clock, done, background } = open()
    expect(background.offer(1)).toBe(true)
    expect({ done: [...done], waiting: background.waiting() }).toEqual({ done: [], waiting: 1 })
    clock.turn()
    expect({ done, waiting: background.waiting() }).toEqual({ done: [1], waiting: 0 })
  })

  test('is scheduled once, and again when it has ended', () => {
    const { clock, background } = open()
    background.offer(1)
    background.offer(1)
    expect(clock.scheduled()).toHaveLength(1)
    clock.turn()
    expect(clock.scheduled()).toEqual([])
    background.offer(1)
    expect(clock.scheduled()).toHaveLength(1)
  })

  test('lets others in between after two milliseconds', () => {
    const { clock, done, background } = open()
    for (let i = 0; i < 5; i++) background.offer(1)
    clock.turn()
    expect(done).toEqual([1, 1])
    clock.turn()
    clock.turn()
    expect(done).toEqual([1, 1, 1, 1, 1])
  })

  test('stops when the second has had its share, and goes on in the next', () => {
    const { clock, done, background } = open({ budgetMs: 4 })
    for (let i = 0; i < 6; i++) background.offer(2)
    clock.turn()
    clock.turn()
    expect({ done: done.length, next: clock.scheduled() }).toEqual({ done: 2, next: [1000] })
    clock.pass(996)
    clock.turn()
    clock.turn()
    expect(done).toHaveLength(4)
  })

  test('pays for one that took too long with the seconds after it', () => {
    const { clock, done, background } = open({ budgetMs: 10 })
    background.offer(35)
    background.offer(1)
    clock.turn()
    expect(done).toEqual([35])
    const turns = []
    while (done.length < 2) {
      clock.pass((clock.scheduled()[0] ?? 0) - clock.now())
      clock.turn()
      turns.push(clock.now())
    }
    expect(turns).toEqual([1000, 2000, 3001])
  })

  test.each([
    { name: 'items', bounds: { items: 2 }, offered: [1, 1, 1], taken: [true, true, false] },
    { name: 'weight', bounds: { weight: 10 }, offered: [6, 5, 4], taken: [true, false, true] },
    { name: 'an item heavier than all', bounds: { weight: 10 }, offered: [11, 10], taken: [false, true] },
  ])('takes no more than there is room for: $name', ({ bounds, offered, taken }) => {
    const { clock, background } = open(bounds)
    expect(offered.map((item) => background.offer(item))).toEqual(taken)
    while (clock.turn() > 0)
      if (background.waiting() > 0) clock.pass(Math.max(0, (clock.scheduled()[0] ?? 0) - clock.now()))
    expect(offered.map((item) => background.offer(item))).toEqual(taken)
  })

  test('forgets what waits', () => {
    const { clock, done, background } = open({ weight: 3 })
    background.offer(3)
    background.clear()
    expect(background.offer(3)).toBe(true)
    clock.turn()
    expect(done).toEqual([3])
  })
})
