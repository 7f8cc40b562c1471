import { describe, expect, jest, test } from '@jest/globals'
import { whenEnded } from '../../../src/lib/when-ended.ts'

type Source = ReadableStreamDefaultController<Uint8Array>

/** A stream that a test feeds, and what is made of it. */
function following() {
  let source: Source | undefined
  const cancelled = jest.fn<(reason?: unknown) => void>()
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      source = controller
    },
    cancel: cancelled,
  })
  const ended = jest.fn<() => void>()
  return { reader: whenEnded(stream, ended).getReader(), ended, cancelled, source: source as unknown as Source }
}

const settled = async () => {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('whenEnded', () => {
  test('passes chunks on as they come, and tells of the end once', async () => {
    const { reader, ended, source } = following()
    source.enqueue(Uint8Array.of(1))
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(1) })
    expect(ended).not.toHaveBeenCalled()
    source.enqueue(Uint8Array.of(2))
    source.close()
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(2) })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(ended).toHaveBeenCalledTimes(1)
  })

  test('a stream that breaks', async () => {
    const { reader, ended, source } = following()
    const reading = reader.read()
    source.error(new Error('broken'))
    await expect(reading).rejects.toThrow('broken')
    expect(ended).toHaveBeenCalledTimes(1)
  })

  test('a reader that has enough, between two chunks', async () => {
    const { reader, ended, cancelled, source } = following()
    source.enqueue(Uint8Array.of(1))
    await reader.read()
    await reader.cancel('enough')
    await settled()
    expect(cancelled.mock.calls).toEqual([['enough']])
    expect(ended).toHaveBeenCalledTimes(1)
  })

  test('a reader that goes while it waits for a chunk', async () => {
    const { reader, ended, cancelled } = following()
    const reading = reader.read()
    await settled()
    await reader.cancel('gone')
    expect(await reading).toEqual({ done: true, value: undefined })
    await settled()
    expect(cancelled.mock.calls).toEqual([['gone']])
    expect(ended).toHaveBeenCalledTimes(1)
  })
})
