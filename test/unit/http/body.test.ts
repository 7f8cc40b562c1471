import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readBody } from '../../../src/http/body.ts'

const LIMITS = { bytes: 8, timeoutMs: 1_000 }

/** A request whose body a test sends piece by piece. */
function openRequest() {
  let source: ReadableStreamDefaultController<Uint8Array> | undefined
  const cancelled = jest.fn<(reason?: unknown) => void>()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      source = controller
    },
    cancel: cancelled,
  })
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  return {
    request,
    cancelled,
    send: (text: string) => source?.enqueue(Buffer.from(text)),
    end: () => source?.close(),
    fail: (error: unknown) => source?.error(error),
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('readBody', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] })
  })
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0)
    jest.useRealTimers()
  })

  test('no body is an empty one', async () => {
    expect(await readBody(new Request('http://localhost/', { method: 'POST' }), LIMITS)).toEqual({
      ok: true,
      value: new Uint8Array(),
    })
  })

  test('a body that ends at once', async () => {
    const { request, end } = openRequest()
    end()
    const read = await readBody(request, LIMITS)
    expect(read.ok && text(read.value)).toBe('')
  })

  test('one chunk, and several in their order', async () => {
    for (const chunks of [['abcdefgh'], ['ab', 'cd', 'ef', 'gh']]) {
      const { request, send, end } = openRequest()
      for (const chunk of chunks) send(chunk)
      end()
      const read = await readBody(request, LIMITS)
      expect(read.ok && text(read.value)).toBe('abcdefgh')
    }
  })

  test.each([{ chunks: ['abcdefghi'] }, { chunks: ['abcd', 'efgh', 'i'] }])(
    'one byte over the limit in $chunks stops reading (C-027)',
    async ({ chunks }) => {
      const { request, send, cancelled } = openRequest()
      for (const chunk of chunks) send(chunk)
      expect(await readBody(request, LIMITS)).toEqual({ ok: false, error: { code: 'body_too_large' } })
      expect(cancelled).toHaveBeenCalledTimes(1)
    },
  )

  test('a body that never ends is given up at the deadline, however much it drips', async () => {
    const { request, send, cancelled } = openRequest()
    const reading = readBody(request, LIMITS)
    send('a')
    await jest.advanceTimersByTimeAsync(999)
    send('b')
    expect(cancelled).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    expect(await reading).toEqual({ ok: false, error: { code: 'request_timeout' } })
    expect(cancelled).toHaveBeenCalledTimes(1)
  })

  test('a client that breaks off', async () => {
    const { request, send, fail } = openRequest()
    const reading = readBody(request, LIMITS)
    send('a')
    fail(new Error('aborted'))
    expect(await reading).toEqual({ ok: false, error: { code: 'bad_request' } })
  })

  describe('with a declared length', () => {
    test('comes whole', async () => {
      const { request, send, end } = openRequest()
      for (const chunk of ['ab', 'cd']) send(chunk)
      end()
      const read = await readBody(request, LIMITS, 4)
      expect(read.ok && text(read.value)).toBe('abcd')
    })

    test.each([{ declared: 8 }, { declared: 9 }])('of $declared and one byte over the limit', async ({ declared }) => {
      const { request, send, end } = openRequest()
      send('abcdefghi')
      end()
      expect(await readBody(request, LIMITS, declared)).toEqual({ ok: false, error: { code: 'body_too_large' } })
    })

    test('that never ends is given up at the deadline', async () => {
      const { request, send } = openRequest()
      const reading = readBody(request, LIMITS, 4)
      send('a')
      await jest.advanceTimersByTimeAsync(1_000)
      expect(await reading).toEqual({ ok: false, error: { code: 'request_timeout' } })
    })

    test('that breaks off', async () => {
      const { request, fail } = openRequest()
      const reading = readBody(request, LIMITS, 4)
      fail(new Error('aborted'))
      expect(await reading).toEqual({ ok: false, error: { code: 'bad_request' } })
    })
  })
})
