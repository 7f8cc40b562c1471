import { afterAll, beforeAll, jest } from '@jest/globals'

/** Stops the date of a server that starts afterwards, and of its tests; every other clock goes on. */
export function stopDate(now = Date.now()): void {
  beforeAll(() => {
    jest.useFakeTimers({
      now,
      doNotFake: [
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setInterval',
        'clearInterval',
        'setTimeout',
        'clearTimeout',
      ],
    })
  })
  afterAll(() => {
    jest.useRealTimers()
  })
}
