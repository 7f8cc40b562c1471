import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { type Deferred, deferred } from '../../../src/lib/deferred.ts'
import { createLogLevels } from '../../../src/mcp/log-levels.ts'
import { createPerform } from '../../../src/mcp/perform.ts'
import type { Executed, PerformOptions } from '../../../src/mcp/permission.ts'
import { createProtocol, type Handlers, type Protocol } from '../../../src/mcp/protocol.ts'
import { createRequestStates } from '../../../src/mcp/request-state.ts'
import { createSubscriptions } from '../../../src/mcp/subscriptions.ts'
import type { Era } from '../../../src/model/call.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { callOf, listCall, messageOf, permission, toolCall } from './permission.ts'

const protocol = createProtocol({ name: 'portcullis', version: '1.2.3', instructions: '' }, () => undefined)
/** One that begins a stream as soon as the SDK does. */
const streaming = createProtocol(
  { name: 'portcullis', version: '1.2.3', instructions: '' },
  () => undefined,
  (run) => {
    queueMicrotask(run)
    return () => undefined
  },
)
afterAll(() => Promise.all([protocol.close(), streaming.close()]))

type Execute = PerformOptions['execute']
const RESULT = { content: [{ type: 'text', text: 'hits' }] }
const COMPLETED: Outcome = { status: 'completed', bytes: 4, argumentsSha256: 'a1' }
const NOT_RUN: Outcome = { status: 'not_run', bytes: 0 }
const FAILED: Outcome = { status: 'failed', bytes: 0 }

const DONE: Executed = { answer: { result: RESULT }, outcome: COMPLETED }

const optionsWith = (by: Protocol, execute: Execute): PerformOptions => ({
  protocol: by,
  subscriptions: createSubscriptions({ protocol: by, timer: () => () => undefined, perSubject: 1 }),
  logLevels: createLogLevels(),
  states: createRequestStates({ key: new Uint8Array(32), now: () => 0 }),
  listing: (_list, name) => (name === 'gone' ? undefined : { name, inputSchema: { type: 'object' } }),
  offers: (uri) => uri !== 'test://gone',
  execute,
})

const performing = (execute: Execute = async () => DONE, by: Protocol = protocol) => {
  const spied = jest.fn(execute)
  return { execute: spied, perform: createPerform(optionsWith(by, spied)) }
}

const protocolThat = (serve: Protocol['serve']): Protocol => ({
  serve,
  changed: () => undefined,
  close: async () => undefined,
})

/** Has the promise settled, once everything that is ready has run? */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const mark = () => {
    settled = true
  }
  promise.then(mark, mark)
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
  return settled
}

/** An execution that a test ends. */
function openExecution() {
  const began: Deferred<AbortSignal> = deferred()
  const ended: Deferred<Executed> = deferred()
  const execute: Execute = (_work, _obligations, signal) => {
    began.resolve(signal)
    return ended.promise
  }
  return { began: began.promise, end: ended.resolve, execute }
}

const ERAS: readonly Era[] = ['legacy', 'modern']
const textOf = (message: unknown) => (message as { result: { content: [{ text: string }] } }).result.content[0].text

describe.each(ERAS)('a call on the %s wire', (era) => {
  test('runs with the arguments that were decided on, not those that were sent', async () => {
    const { perform, execute } = performing()
    const permitted = permission(toolCall(era), { obligations: [{ type: 'confine', read: [], write: [], never: [] }] })
    const { reply, outcome } = await perform(permitted)
    expect(textOf(await messageOf(reply))).toBe('hits')
    expect(await outcome).toEqual(COMPLETED)
    expect(execute).toHaveBeenCalledTimes(1)
    const [work, obligations] = execute.mock.calls[0] ?? []
    expect(work).toEqual({ type: 'tool', name: 'readFile', arguments: permitted.arguments })
    expect(obligations).toBe(permitted.obligations)
  })

  test.each<{ how: string; execute: Execute }>([
    { how: 'rejects', execute: () => Promise.reject(new Error('SECRET')) },
    {
      how: 'throws at once',
      execute: () => {
        throw new Error('SECRET')
      },
    },
    { how: 'rejects with a string', execute: () => Promise.reject('SECRET') },
  ])('that $how is failed, and says nothing of why', async ({ execute }) => {
    const { reply, outcome } = await performing(execute).perform(permission(toolCall(era)))
    const message = await messageOf(reply)
    expect(message).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      result: {
        content: [{ type: 'text', text: 'The tool failed (decision dec-1)' }],
        isError: true,
        _meta: { 'io.portcullis/refusal': { code: 'tool_failed', decision_id: 'dec-1' } },
      },
    })
    expect(JSON.stringify(message)).not.toContain('SECRET')
    expect(await outcome).toEqual(FAILED)
  })

  test('that the SDK turns away before the tool is reached is not run', async () => {
    const { perform, execute } = performing()
    const call = toolCall(era)
    const meta = { ...(call.params['_meta'] as object), progressToken: {} }
    const { reply, outcome } = await perform(permission({ ...call, params: { _meta: meta } }))
    expect(await messageOf(reply)).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } })
    expect(await outcome).toEqual(NOT_RUN)
    expect(execute).not.toHaveBeenCalled()
  })
})

describe('the end of a call is the end of its run', () => {
  test('on the legacy wire, where the answer of a slow tool begins before', async () => {
    const { began, end, execute } = openExecution()
    const { reply, outcome } = await performing(execute, streaming).perform(permission(toolCall('legacy')))
    await began
    expect(reply.body).toBeInstanceOf(ReadableStream)
    expect(await isSettled(outcome)).toBe(false)
    end(DONE)
    expect(await outcome).toEqual(COMPLETED)
    expect(textOf(await messageOf(reply))).toBe('hits')
  })

  test('on the legacy wire, also when the client stops reading: a disconnect is no cancel', async () => {
    const { began, end, execute } = openExecution()
    const connection = new AbortController()
    const call = permission(toolCall('legacy'), { signal: connection.signal })
    const { reply, outcome } = await performing(execute, streaming).perform(call)
    const signal = await began
    connection.abort()
    await (reply.body as ReadableStream).cancel()
    expect(signal.aborted).toBe(false)
    expect(await isSettled(outcome)).toBe(false)
    end(DONE)
    expect(await outcome).toEqual(COMPLETED)
  })

  test('on the modern wire, where closing the connection cancels', async () => {
    const { began, end, execute } = openExecution()
    const connection = new AbortController()
    const performed = performing(execute).perform(permission(toolCall('modern'), { signal: connection.signal }))
    const signal = await began
    expect(signal.aborted).toBe(false)
    connection.abort()
    expect(signal.aborted).toBe(true)
    end({ ...DONE, outcome: { status: 'cancelled', bytes: 0 } })
    expect(await (await performed).outcome).toEqual({ status: 'cancelled', bytes: 0 })
  })
})

describe('an answer that the SDK gives without reaching the tool', () => {
  const unreached = permission({ ...toolCall('legacy'), params: { task: 5 } })

  test('is not run once it was read', async () => {
    const { reply, outcome } = await performing().perform(unreached)
    await messageOf(reply)
    expect(await outcome).toEqual(NOT_RUN)
  })

  const serving = (body: ReadableStream<Uint8Array>) =>
    createPerform(
      optionsWith(
        protocolThat(async () => ({ status: 200, headers: {}, body })),
        async () => DONE,
      ),
    )

  test('is not run once the client has gone', async () => {
    const { reply, outcome } = await serving(new ReadableStream())(unreached)
    await (reply.body as ReadableStream).cancel()
    expect(await outcome).toEqual(NOT_RUN)
  })

  test('is not run when it breaks', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('broken')) })
    const { reply, outcome } = await serving(broken)(unreached)
    await expect(new Response(reply.body).text()).rejects.toThrow('broken')
    expect(await outcome).toEqual(NOT_RUN)
  })
})

test('what was settled as not run never runs', async () => {
  const late: Deferred<Handlers> = deferred()
  const serve: Protocol['serve'] = async (_call, handlers) => {
    late.resolve(handlers)
    return { status: 499, headers: {}, body: '' }
  }
  const execute = jest.fn<Execute>()
  const perform = createPerform(optionsWith(protocolThat(serve), execute))
  const { outcome } = await perform(permission(toolCall('modern')))
  expect(await outcome).toEqual(NOT_RUN)
  expect(await (await late.promise).answer?.(() => undefined)).toMatchObject({ result: { isError: true } })
  expect(execute).not.toHaveBeenCalled()
})

describe('what is no call of a tool', () => {
  test.each(ERAS)('a list shows what it may, in order: %s', async (era) => {
    const { reply, outcome } = await performing().perform(
      permission(listCall(era), { shown: ['writeFile', 'gone', 'readFile'] }),
    )
    expect(await messageOf(reply)).toMatchObject({
      result: {
        tools: [
          { name: 'writeFile', inputSchema: { type: 'object' } },
          { name: 'readFile', inputSchema: { type: 'object' } },
        ],
      },
    })
    expect(await outcome).toEqual({ status: 'completed', bytes: Buffer.byteLength(String(reply.body)) })
  })

  test('a ping is whole when it is performed', async () => {
    const { reply, outcome } = await performing().perform(permission(callOf('legacy', 'ping')))
    const body = '{"result":{},"jsonrpc":"2.0","id":7}'
    expect(reply).toMatchObject({ status: 200, body })
    expect(await outcome).toEqual({ status: 'completed', bytes: body.length })
  })

  test.each(ERAS)('a notification is accepted without effect: %s', async (era) => {
    const { id: _, ...notification } = callOf(era, 'notifications/cancelled')
    const { perform, execute } = performing()
    const { reply, outcome } = await perform(permission(notification))
    expect(reply).toEqual({ status: 202, headers: {}, body: null })
    expect(await outcome).toEqual({ status: 'completed', bytes: 0 })
    expect(execute).not.toHaveBeenCalled()
  })
})
