import { describe, expect, jest, test } from '@jest/globals'
import { systemTimer, within } from '../../../src/lib/deadline.ts'

describe('within', () => {
  test.each<{ what: string; promise: () => Promise<string>; expected: object }>([
    { what: 'a value in time', promise: async () => 'v', expected: { status: 'fulfilled', value: 'v' } },
    {
      what: 'a failure in time',
      promise: () => Promise.reject('why'),
      expected: { status: 'rejected', reason: 'why' },
    },
  ])('$what passes through, and the timer is cancelled', async ({ promise, expected }) => {
    const cancel = jest.fn()
    const [settled] = await Promise.allSettled([within(promise(), 5, () => cancel)])
    expect(settled).toEqual(expected)
    expect(cancel).toHaveBeenCalledTimes(1)
  })

  test('what is late is an error', async () => {
    const late = within(new Promise(() => undefined), 5, (run) => {
      run()
      return () => undefined
    })
    await expect(late).rejects.toEqual(new Error('no answer within 5 ms'))
  })

  test('the system timer fires, unless cancelled', () => {
    jest.useFakeTimers()
    const run = jest.fn()
    systemTimer(run, 10)
    systemTimer(run, 10)()
    jest.advanceTimersByTime(10)
    expect(run).toHaveBeenCalledTimes(1)
    jest.useRealTimers()
  })
})
