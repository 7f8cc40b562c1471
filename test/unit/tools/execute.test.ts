import { createHash } from 'node:crypto'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { Type } from 'typebox'
import { ok } from '../../../src/lib/result.ts'
import { FAULTS, fault } from '../../../src/model/fault.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { Tool } from '../../../src/model/tool.ts'
import { BUILTIN_TOOLS } from '../../../src/tools/builtin.ts'
import { defineTool } from '../../../src/tools/define.ts'
import { createExecutor } from '../../../src/tools/execute.ts'
import { confineTo, createFixture, type Fixture } from './workspace/fixture.ts'

const input = Type.Object({}, { additionalProperties: false })
const output = Type.Object({ n: Type.Integer() }, { additionalProperties: false })
const toolThat = (run: Tool<typeof input, typeof output>['run'], name = 'probe') =>
  defineTool({ name, title: 'Probe', description: 'Probe', input, output, readOnly: true, run })

const sha256 = (args: JsonObject) => createHash('sha256').update(JSON.stringify(args)).digest('hex')
const failing = (text: string) => ({ content: [{ type: 'text', text }], isError: true })
const bytesOf = (text: string) => Buffer.byteLength(text)
const open = [confineTo({ read: [['docs']], write: [['docs']] })]

describe('createExecutor', () => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await createFixture({ 'docs/a.txt': 'é', 'private/k': 'k' })
    await symlink(join(fixture.outside, 'secret.txt'), join(fixture.inside, 'docs/link'))
  })
  afterAll(async () => fixture.remove())
  afterEach(() => {
    jest.useRealTimers()
  })

  const builtin = (name: string, args: JsonObject, obligations = open) =>
    createExecutor({ root: fixture.root, tools: BUILTIN_TOOLS })(name, args, obligations, new AbortController().signal)
  const probe = (run: Parameters<typeof toolThat>[0], signal = new AbortController().signal, args: JsonObject = {}) =>
    createExecutor({ root: undefined, tools: [toolThat(run)], deadlineMs: 1000 })('probe', args, [], signal)

  test('answers the value as text and as structure, with the hash of the arguments that ran', async () => {
    const args = { path: 'docs/a.txt' }
    const structuredContent = { content: 'é', encoding: 'utf8', size: 2 }
    const text = JSON.stringify(structuredContent)
    expect(await builtin('readFile', args)).toEqual({
      result: { content: [{ type: 'text', text }], structuredContent },
      outcome: { status: 'completed', bytes: bytesOf(text), argumentsSha256: sha256(args) },
    })
  })

  const missing = (status: string, args: JsonObject) => ({
    result: failing(FAULTS.not_found),
    outcome: { status, fault: 'not_found', bytes: bytesOf(FAULTS.not_found), argumentsSha256: sha256(args) },
  })
  const refused: readonly (readonly [path: string, status: string])[] = [
    ['docs/none', 'fault'],
    ['docs/link', 'confined'],
    ['private/k', 'confined'],
    ['private/none', 'confined'],
    ['../a-evil/secret.txt', 'confined'],
  ]
  test.each(refused)('%s reads "not found" and is recorded as %s', async (path, status) => {
    expect(await builtin('readFile', { path })).toEqual(missing(status, { path }))
  })

  test('without an obligation nothing is open', async () => {
    expect(await builtin('readFile', { path: 'docs/a.txt' }, [])).toEqual(missing('confined', { path: 'docs/a.txt' }))
    expect(await builtin('listFiles', {}, [])).toEqual(missing('confined', {}))
    const args = { path: 'docs/b', content: 'b' }
    expect(await builtin('writeFile', args, [])).toEqual(missing('confined', args))
  })

  test('a tool that asked for no workspace gets a closed one', async () => {
    const tool = toolThat(async (_, { workspace }) => {
      const list = await workspace.list('')
      const write = await workspace.write('docs/x', new Uint8Array(), { overwrite: true })
      const read = await workspace.read('docs/a.txt', { offset: 0, length: 1, limit: 9 })
      return ok({ n: [list, write, read].filter(({ ok }) => ok).length })
    })
    const execute = createExecutor({ root: fixture.root, tools: [tool] })
    const { result } = await execute('probe', {}, open, new AbortController().signal)
    expect(result.structuredContent).toEqual({ n: 0 })
  })

  const failed = 'The tool failed'
  const malfunctions: readonly (readonly [title: string, run: () => unknown, cause: string])[] = [
    ['a throw', () => Promise.reject(new Error('secret /srv/a')), 'secret /srv/a'],
    [
      'a synchronous throw',
      () => {
        throw new Error('at once')
      },
      'at once',
    ],
    ['an output of another shape', async () => ok({ n: 'x' }), 'the output of probe does not match its output schema'],
    ['an output with more', async () => ok({ n: 1, m: 1 }), 'the output of probe does not match its output schema'],
    ['no answer', async () => undefined, 'Cannot read properties of undefined'],
    ['an unknown fault', async () => fault('toString' as 'not_found'), 'probe answered an unknown fault'],
  ]
  test.each(malfunctions)('%s is a failure that tells the caller nothing', async (_, run, cause) => {
    const executed = await probe(run as Parameters<typeof toolThat>[0])
    expect(executed).toEqual({
      result: failing(failed),
      outcome: { status: 'failed', bytes: bytesOf(failed), argumentsSha256: sha256({}) },
      cause: expect.objectContaining({ message: expect.stringContaining(cause) }),
    })
  })

  test.each(['throws nothing', 'throws undefined'])('a tool that %s ends', async (title) => {
    const { outcome } = await probe(async () => {
      if (title === 'throws undefined') throw undefined
      return ok({ n: 1 })
    })
    expect(outcome.status).toBe(title === 'throws undefined' ? 'failed' : 'completed')
  })

  const cancelled = 'The call was cancelled'
  test('a caller that has gone before the start: nothing runs', async () => {
    const run = jest.fn<Parameters<typeof toolThat>[0]>()
    expect(await probe(run, AbortSignal.abort())).toEqual({
      result: failing(cancelled),
      outcome: { status: 'not_run', bytes: bytesOf(cancelled), argumentsSha256: sha256({}) },
    })
    expect(run).not.toHaveBeenCalled()
  })

  test('a caller that goes: the tool is told, and the promise waits for its end', async () => {
    const caller = new AbortController()
    const steps: string[] = []
    const executing = probe(async (_, { signal }) => {
      signal.addEventListener('abort', () => steps.push('told'))
      caller.abort()
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      steps.push('ended')
      return ok({ n: 1 })
    }, caller.signal)
    expect((await executing.finally(() => steps.push('resolved'))).outcome).toEqual({
      status: 'cancelled',
      bytes: bytesOf(cancelled),
      argumentsSha256: sha256({}),
    })
    expect(steps).toEqual(['told', 'ended', 'resolved'])
  })

  test('at the deadline the tool is told, and its late answer is dropped', async () => {
    jest.useFakeTimers()
    const steps: string[] = []
    const executing = probe(async (_, { signal }) => {
      signal.addEventListener('abort', () => steps.push('told'))
      jest.advanceTimersByTime(999)
      steps.push('working')
      jest.advanceTimersByTime(1)
      steps.push('ended')
      return ok({ n: 1 })
    })
    expect(await executing).toEqual({
      result: failing(FAULTS.timed_out),
      outcome: {
        status: 'fault',
        fault: 'timed_out',
        bytes: bytesOf(FAULTS.timed_out),
        argumentsSha256: sha256({}),
      },
    })
    expect(steps).toEqual(['working', 'told', 'ended'])
  })

  test('nothing is left behind: no timer, no listener', async () => {
    jest.useFakeTimers()
    const { signal } = new AbortController()
    const remove = jest.spyOn(signal, 'removeEventListener')
    await probe(async () => ok({ n: 1 }), signal)
    expect(jest.getTimerCount()).toBe(0)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  test('mistakes of the programmer are thrown', async () => {
    const tool = toolThat(async () => ok({ n: 1 }))
    const make = (tools: readonly Tool[]) => () => createExecutor({ root: undefined, tools })
    expect(make([tool, tool])).toThrow(new TypeError('two tools are named probe'))
    expect(make(BUILTIN_TOOLS)).toThrow(new TypeError('readFile needs a workspace; configure one'))
    await expect(make([tool])()('none', {}, [], new AbortController().signal)).rejects.toThrow('no tool is named none')
  })
})
