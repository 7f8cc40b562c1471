import { describe, expect, test } from '@jest/globals'
import { createInFlight } from '../../../src/http/in-flight.ts'
import { deferred } from '../../../src/lib/deferred.ts'
import { incoming } from './incoming-request.ts'

const EVENTS = { headers: { 'content-type': 'text/event-stream' } }

/** Is the next request taken, while those before it last? */
const takesOneMore = async ({ count, guard }: ReturnType<typeof createInFlight>): Promise<boolean> => {
  let refusal: unknown
  await count(async () => {
    refusal = guard(incoming(), '')
    return new Response(null)
  })
  if (refusal !== undefined) expect(refusal).toEqual({ code: 'overloaded', retryAfterSeconds: 1 })
  return refusal === undefined
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('requests in flight', () => {
  test('are as many as the limit', async () => {
    const inFlight = createInFlight(2)
    const answers = [deferred<Response>(), deferred<Response>()]
    const served = answers.map(({ promise }) => inFlight.count(() => promise))
    expect(await takesOneMore(inFlight)).toBe(false)
    answers[0]?.resolve(new Response('{}'))
    await served[0]
    expect(await takesOneMore(inFlight)).toBe(true)
    answers[1]?.resolve(new Response('{}'))
    await Promise.all(served)
  })

  test('that throw are counted no longer', async () => {
    const inFlight = createInFlight(1)
    await expect(inFlight.count(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await takesOneMore(inFlight)).toBe(true)
  })

  test('that stream are counted until the stream is over', async () => {
    const inFlight = createInFlight(1)
    const response = await inFlight.count(async () => new Response('data: 1\n\n', { ...EVENTS, status: 201 }))
    expect(await takesOneMore(inFlight)).toBe(false)
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'text/event-stream'])
    expect(await response.text()).toBe('data: 1\n\n')
    expect(await takesOneMore(inFlight)).toBe(true)
  })

  test('whose client goes are counted down once, and not again', async () => {
    const inFlight = createInFlight(1)
    const silent = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), EVENTS)
    for (let i = 0; i < 3; i++) {
      const { body } = await inFlight.count(async () => silent())
      await settled()
      await body?.cancel()
      await settled()
    }
    const { body } = await inFlight.count(async () => silent())
    expect(await takesOneMore(inFlight)).toBe(false)
    await body?.cancel()
  })

  test('with a body that is whole are counted no longer than they take', async () => {
    const inFlight = createInFlight(1)
    await inFlight.count(async () => new Response('{}', { headers: { 'content-type': 'application/json' } }))
    expect(await takesOneMore(inFlight)).toBe(true)
  })
})
