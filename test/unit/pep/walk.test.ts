import { describe, expect, jest, test } from '@jest/globals'
import { err, ok } from '../../../src/lib/result.ts'
import type { McpCall } from '../../../src/model/call.ts'
import type { Decided } from '../../../src/model/decision.ts'
import type { Described } from '../../../src/model/described.ts'
import type { Refusal } from '../../../src/model/refusal.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { Ports } from '../../../src/pep/ports.ts'
import { refuseAtDoor, walk } from '../../../src/pep/walk.ts'
import {
  ALICE,
  CALL,
  DENY,
  DESCRIBED,
  DESCRIBED_LIST,
  EXCHANGE,
  grant,
  LIST,
  NOW,
  OUTCOME,
  PERMIT,
  REPLY,
  ruling,
  SERVER,
  taken,
  tool,
  type World,
  world,
} from './world.ts'

const ENFORCED = { enforce: true }
const MONITORED = { enforce: false }

const EXHAUSTED: Refusal<'quota_exhausted'> = {
  code: 'quota_exhausted',
  exhausted: {
    name: 'readFile per minute',
    kind: 'rate',
    limit: 60,
    used: 60,
    period_seconds: 60,
    resets_at: '2026-11-22T15:45:30.250Z',
    retry_after_seconds: 60,
    shadow: false,
  },
  states: [],
}
const FAULTS = [{ pointer: '/path', expected: 'is required' }]
const REASONS = DENY.reasons
const INDETERMINATE = { effect: 'indeterminate', code: 'no_decision', cause: 'wasm trap' } as const
const TO_DECIDE = 'authenticate parse describe decide'

/** The refusal that went on the log with each line. */
const recorded = (ports: World) => ports.record.mock.calls.map(([, refusal]) => refusal)

describe('a permitted call', () => {
  test('takes every step once and is recorded before it is performed', async () => {
    const ports = world()
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'answered', reply: REPLY })
    expect(taken(ports)).toBe(`${TO_DECIDE} meter record perform settle`)
    expect(recorded(ports)).toEqual([undefined])
    const [record = 0] = ports.record.mock.invocationCallOrder
    const [perform = 0] = ports.perform.mock.invocationCallOrder
    expect(record).toBeLessThan(perform)
  })

  test('is asked as the policy sees it, and metered by what the decision names', async () => {
    const ports = world()
    await walk(EXCHANGE, ports, ENFORCED)
    const input = {
      subject: ALICE,
      action: { name: 'tools/call' },
      resource: DESCRIBED.resource,
      context: {
        time: '2026-11-22T15:44:30.250Z',
        unix: 1795362270,
        weekday: 7,
        hour: 15,
        minute: 44,
        request_id: 'req-1',
        protocol_version: '2025-11-25',
        era: 'legacy',
        bytes: 312,
      },
    }
    expect(ports.decide.mock.calls).toEqual([[input]])
    expect(ports.meter.mock.calls).toEqual([['dec-1', PERMIT.limits]])
  })

  test('performs the very arguments that were decided on, under the obligations of the decision', async () => {
    const ports = world()
    await walk(EXCHANGE, ports, ENFORCED)
    const [permitted] = ports.perform.mock.calls[0] ?? []
    expect(permitted?.arguments).toBe(DESCRIBED.arguments)
    expect(permitted?.obligations).toBe(PERMIT.obligations)
    expect(permitted).toMatchObject({ subject: ALICE, call: CALL, decisionId: 'dec-1', shown: [] })
    expect(ports.settle.mock.calls).toEqual([[permitted, OUTCOME]])
  })

  test('is recorded with all that was learnt', async () => {
    const reserved = grant()
    const written: object[] = []
    const record: Ports['record'] = async ({ exchange: _, ...trail }) => {
      written.push({ ...trail })
      return ok(undefined)
    }
    const ports = world({ meter: async () => ok(reserved), record })
    await walk(EXCHANGE, ports, ENFORCED)
    expect(written).toHaveLength(1)
    expect(written[0]).toMatchObject({
      decisionId: 'dec-1',
      startedAt: NOW,
      subject: ALICE,
      call: CALL,
      described: DESCRIBED,
      ruling: { decided: PERMIT },
      grant: reserved,
      metrics: { authenticate: 5, parse: 5, describe: 5, decide: 5, meter: 5 },
    })
  })
})

describe('a refusal ends the walk', () => {
  type Row = { refusal: Refusal; steps: string; change: Partial<Ports> }
  const described = (change: Partial<Described>) => ({ describe: () => ({ ...DESCRIBED, ...change }) })
  const decided = (decided: Decided) => ({ decide: () => ruling(decided) })
  const unread = (refusal: Refusal) => ({ parse: async () => err({ era: 'modern' as const, id: 1, refusal }) })

  test.each<Row>([
    {
      refusal: { code: 'token_missing' },
      steps: 'authenticate record',
      change: { authenticate: async () => err({ code: 'token_missing' }) },
    },
    {
      refusal: { code: 'token_invalid', cause: 'expired' },
      steps: 'authenticate record',
      change: { authenticate: async () => err({ code: 'token_invalid', cause: 'expired' }) },
    },
    {
      refusal: { code: 'rate_limited', retryAfterSeconds: 2 },
      steps: 'authenticate record',
      change: { authenticate: async () => err({ code: 'rate_limited', retryAfterSeconds: 2 }) },
    },
    ...(
      [
        { code: 'method_not_allowed' },
        { code: 'body_too_large' },
        { code: 'request_timeout' },
        { code: 'malformed_json' },
        { code: 'invalid_request', detail: 'x' },
        { code: 'invalid_envelope', detail: 'x' },
        { code: 'header_mismatch', detail: 'x' },
        { code: 'unsupported_version', requested: '2099-01-01' },
        { code: 'method_not_found' },
      ] satisfies Refusal[]
    ).map((refusal) => ({ refusal, steps: 'authenticate parse record', change: unread(refusal) })),
    {
      refusal: { code: 'no_decision', cause: 'wasm trap' },
      steps: `${TO_DECIDE} record`,
      change: decided(INDETERMINATE),
    },
    {
      refusal: { code: 'input_too_large' },
      steps: `${TO_DECIDE}×2 record`,
      change: decided({ ...INDETERMINATE, code: 'input_too_large' }),
    },
    {
      refusal: { code: 'unknown_tool', name: 'readFile' },
      steps: `${TO_DECIDE} record`,
      change: described({ known: false }),
    },
    {
      refusal: { code: 'hidden', name: 'readFile' },
      steps: `${TO_DECIDE} record`,
      change: decided({ ...DENY, visible: false }),
    },
    {
      refusal: { code: 'header_mismatch', detail: 'mcp-param-a, mcp-param-b must mirror the arguments' },
      steps: `${TO_DECIDE} record`,
      change: described({ mismatched: ['mcp-param-a', 'mcp-param-b'] }),
    },
    {
      refusal: { code: 'invalid_arguments', faults: FAULTS },
      steps: `${TO_DECIDE} record`,
      change: described({ faults: FAULTS }),
    },
    { refusal: { code: 'denied', reasons: REASONS }, steps: `${TO_DECIDE} record`, change: decided(DENY) },
    {
      refusal: { code: 'insufficient_scope', scopes: ['mcp:write'] },
      steps: `${TO_DECIDE} record`,
      change: decided({ ...DENY, scopes: ['mcp:write'] }),
    },
    {
      refusal: EXHAUSTED,
      steps: `${TO_DECIDE} meter record`,
      change: { meter: async () => err(EXHAUSTED) },
    },
    {
      refusal: { code: 'quota_unavailable', retryAfterSeconds: 1 },
      steps: `${TO_DECIDE} meter record`,
      change: { meter: async () => err({ code: 'quota_unavailable', retryAfterSeconds: 1 }) },
    },
  ])('$refusal.code: $steps', async ({ refusal, steps, change }) => {
    const ports = world(change)
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal })
    expect(taken(ports)).toBe(steps)
    expect(recorded(ports)).toEqual([refusal])
  })

  test('keeps what could be read of a message that was not taken', async () => {
    const refusal = { code: 'method_not_found' } as const
    const ports = world({ parse: async () => err({ era: 'modern', id: 'x', method: 'a/b', refusal }) })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.unread).toEqual({ era: 'modern', id: 'x', method: 'a/b' })
    expect(walked.call).toBeUndefined()
  })

  test('a refused decision has its time on the record', async () => {
    const ports = world(decided(DENY))
    await walk(EXCHANGE, ports, ENFORCED)
    expect(ports.record.mock.calls[0]?.[0].metrics).toEqual({ authenticate: 5, parse: 5, describe: 5, decide: 5 })
  })

  test('at the door: it is recorded, and nothing else happens', async () => {
    const ports = world()
    const walked = await refuseAtDoor(EXCHANGE, { code: 'host_not_allowed' }, ports)
    const { exchange, end, ...trail } = walked
    expect(exchange).toBe(EXCHANGE)
    expect(end).toEqual({ kind: 'refused', refusal: { code: 'host_not_allowed' } })
    expect(trail).toEqual({ decisionId: 'dec-1', startedAt: NOW, startedTicks: 5, metrics: {} })
    expect(recorded(ports)).toEqual([{ code: 'host_not_allowed' }])
    expect(taken(ports)).toBe('record')
  })

  test.each<{ log: string; record: Ports['record'] }>([
    { log: 'refuses', record: async () => err({ code: 'log_unavailable', retryAfterSeconds: 5 }) },
    { log: 'throws', record: () => Promise.reject(new Error('disk')) },
  ])('stays what it is when the log $log it', async ({ record }) => {
    const ports = world({ ...decided(DENY), record })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'denied', reasons: REASONS } })
    expect(taken(ports)).toBe(`${TO_DECIDE} record`)
  })
})

describe('a log that takes no permit', () => {
  const unavailable = { code: 'log_unavailable', retryAfterSeconds: 5 } as const

  test('gives the grant back, performs nothing, and the refusal takes the place of the permit', async () => {
    const refund = jest.fn(async () => undefined)
    const ports = world({ meter: async () => ok(grant({ refund })), record: async () => err(unavailable) })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: unavailable })
    expect(refund).toHaveBeenCalledTimes(1)
    expect(recorded(ports)).toEqual([undefined, unavailable])
    expect(taken(ports)).toBe(`${TO_DECIDE} meter record×2`)
  })

  test.each<{ how: string; refund: () => Promise<void> }>([
    { how: 'rejects', refund: () => Promise.reject(new Error('store')) },
    {
      how: 'throws',
      refund: () => {
        throw 'store'
      },
    },
  ])('answers the same when the refund $how', async ({ refund }) => {
    const ports = world({ meter: async () => ok(grant({ refund })), record: async () => err(unavailable) })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: unavailable })
    expect(recorded(ports)).toEqual([undefined, unavailable])
  })
})

describe('a throw before the permit is on the log', () => {
  const hidden = Object.defineProperty(new Error('boom'), 'stack', {
    get: () => {
      throw new Error('not for you')
    },
  })
  const throwers: readonly { what: string; thrown: unknown; cause: RegExp }[] = [
    { what: 'an Error', thrown: new Error('boom'), cause: /^Error: boom\n +at / },
    { what: 'a string', thrown: 'boom', cause: /^boom$/ },
    { what: 'undefined', thrown: undefined, cause: /^undefined$/ },
    { what: 'an object', thrown: { a: 1 }, cause: /^\[object Object\]$/ },
    { what: 'an object without a prototype', thrown: Object.create(null), cause: /^something that cannot be printed$/ },
    { what: 'an Error that hides its stack', thrown: hidden, cause: /^something that cannot be printed$/ },
  ]
  const steps: readonly { port: keyof World; taken: string }[] = [
    { port: 'authenticate', taken: 'authenticate record' },
    { port: 'parse', taken: 'authenticate parse record' },
    { port: 'describe', taken: 'authenticate parse describe record' },
    { port: 'decide', taken: `${TO_DECIDE} record` },
    { port: 'meter', taken: `${TO_DECIDE} meter record` },
  ]
  const rows = steps.flatMap((step) => throwers.map((thrower) => ({ ...step, ...thrower })))

  test.each(rows)('$port throws $what: refused as broken, one line', async ({ port, taken: steps, thrown, cause }) => {
    const ports = world()
    ports[port].mockImplementation(() => {
      throw thrown
    })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'broken', cause: expect.stringMatching(cause) } })
    expect(taken(ports)).toBe(steps)
    expect(recorded(ports)).toEqual([{ code: 'broken', cause: expect.stringMatching(cause) }])
  })

  test('keeps what was learnt until then', async () => {
    const walked = await walk(EXCHANGE, world({ meter: () => Promise.reject('store') }), ENFORCED)
    expect(walked).toMatchObject({ subject: ALICE, call: CALL, described: DESCRIBED, ruling: { decided: PERMIT } })
  })

  test.each([false, true])('a log that throws: the grant is given back, also when that fails: %s', async (fails) => {
    const refund = jest.fn(async () => {
      if (fails) throw new Error('store')
    })
    const ports = world({ meter: async () => ok(grant({ refund })) })
    ports.record.mockRejectedValueOnce('disk')
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    const refusal = { code: 'broken', cause: 'disk' }
    expect(walked.end).toEqual({ kind: 'refused', refusal })
    expect(refund).toHaveBeenCalledTimes(1)
    expect(recorded(ports)).toEqual([undefined, refusal])
    expect(taken(ports)).toBe(`${TO_DECIDE} meter record×2`)
  })

  test('of an item of a list: nothing is shown', async () => {
    const ports = world({ parse: async () => ok(LIST), describe: () => DESCRIBED_LIST })
    ports.decide.mockReturnValueOnce(ruling(PERMIT)).mockImplementation(() => {
      throw 'trap'
    })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'broken', cause: 'trap' } })
    expect(taken(ports)).toBe('authenticate parse describe decide×2 record')
  })
})

describe('a throw of perform', () => {
  test.each<{ what: string; thrown: unknown; cause: RegExp }>([
    { what: 'an Error', thrown: new Error('boom'), cause: /^Error: boom\n/ },
    { what: 'a string', thrown: 'not even an Error', cause: /^not even an Error$/ },
  ])('$what: no second decision line; settled as failed, and charged', async ({ thrown, cause }) => {
    const refund = jest.fn(async () => undefined)
    const ports = world({ meter: async () => ok(grant({ refund })), perform: () => Promise.reject(thrown) })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'broken', cause: expect.stringMatching(cause) } })
    expect(recorded(ports)).toEqual([undefined])
    expect(taken(ports)).toBe(`${TO_DECIDE} meter record perform settle`)
    const [permitted, outcome] = ports.settle.mock.calls[0] ?? []
    expect(permitted).toMatchObject({ decisionId: 'dec-1', arguments: DESCRIBED.arguments })
    await expect(outcome).resolves.toEqual({ status: 'failed', bytes: 0 })
    expect(refund).not.toHaveBeenCalled()
  })
})

describe('monitor mode', () => {
  type Row = { refusal: Refusal; change: Partial<Ports> }
  const hidden = () => ruling({ ...DENY, visible: false })

  test.each<Row>([
    { refusal: { code: 'hidden', name: 'readFile' }, change: { decide: hidden } },
    { refusal: { code: 'denied', reasons: REASONS }, change: { decide: () => ruling(DENY) } },
    {
      refusal: { code: 'insufficient_scope', scopes: ['mcp:write'] },
      change: { decide: () => ruling({ ...DENY, scopes: ['mcp:write'] }) },
    },
  ])('lets $refusal.code pass unconfined and says so on the record', async ({ refusal, change }) => {
    const ports = world(change)
    const walked = await walk(EXCHANGE, ports, MONITORED)
    expect(walked).toMatchObject({ waived: refusal, end: { kind: 'answered', reply: REPLY } })
    expect(taken(ports)).toBe(`${TO_DECIDE} meter record perform settle`)
    expect(ports.meter.mock.calls).toEqual([['dec-1', []]])
    expect(recorded(ports)).toEqual([undefined])
    expect(ports.record.mock.calls[0]?.[0].waived).toEqual(refusal)
    const unconfined = [{ type: 'confine', read: [[]], write: [[]], never: [] }]
    expect(ports.perform.mock.calls[0]?.[0].obligations).toEqual(unconfined)
  })

  test('lets quota_exhausted pass under the obligations of the permit, with no grant', async () => {
    const ports = world({ meter: async () => err(EXHAUSTED) })
    const walked = await walk(EXCHANGE, ports, MONITORED)
    expect(walked).toMatchObject({ waived: EXHAUSTED, end: { kind: 'answered' } })
    expect(walked.grant).toBeUndefined()
    expect(ports.perform.mock.calls[0]?.[0].obligations).toBe(PERMIT.obligations)
  })

  const described = (change: Partial<Described>) => () => ({ ...DESCRIBED, ...change })
  const faulty = described({ faults: FAULTS })
  const mismatched = described({ mismatched: ['mcp-param-a'] })
  const MISMATCH = { code: 'header_mismatch', detail: 'mcp-param-a must mirror the arguments' } as const
  const INVALID = { code: 'invalid_arguments', faults: FAULTS } as const

  test.each<Row & { what: string }>([
    {
      what: 'what could not be decided',
      refusal: { code: 'no_decision', cause: 'wasm trap' },
      change: { decide: () => ruling(INDETERMINATE) },
    },
    {
      what: 'an input too large',
      refusal: { code: 'input_too_large' },
      change: { decide: () => ruling({ ...INDETERMINATE, code: 'input_too_large' }) },
    },
    {
      what: 'an unknown tool',
      refusal: { code: 'unknown_tool', name: 'readFile' },
      change: { describe: described({ known: false }) },
    },
    { what: 'invalid arguments', refusal: INVALID, change: { describe: faulty } },
    { what: 'invalid arguments of a hidden tool', refusal: INVALID, change: { describe: faulty, decide: hidden } },
    { what: 'mismatched headers', refusal: MISMATCH, change: { describe: mismatched } },
    {
      what: 'mismatched headers of a hidden tool',
      refusal: MISMATCH,
      change: { describe: mismatched, decide: hidden },
    },
    {
      what: 'a missing token',
      refusal: { code: 'token_missing' },
      change: { authenticate: async () => err({ code: 'token_missing' }) },
    },
    {
      what: 'a store that cannot count',
      refusal: { code: 'quota_unavailable', retryAfterSeconds: 1 },
      change: { meter: async () => err({ code: 'quota_unavailable', retryAfterSeconds: 1 }) },
    },
  ])('refuses $what all the same', async ({ refusal, change }) => {
    const ports = world(change)
    const walked = await walk(EXCHANGE, ports, MONITORED)
    expect(walked.end).toEqual({ kind: 'refused', refusal })
    expect(walked.waived).toBeUndefined()
    expect(ports.perform).not.toHaveBeenCalled()
    expect(recorded(ports)).toEqual([refusal])
  })

  test('a permit is a permit', async () => {
    const ports = world()
    expect((await walk(EXCHANGE, ports, MONITORED)).waived).toBeUndefined()
    expect(ports.perform.mock.calls[0]?.[0].obligations).toBe(PERMIT.obligations)
  })
})

describe('a list', () => {
  const answers: Readonly<Record<string, Decided>> = {
    files: PERMIT,
    listFiles: { ...DENY, visible: true },
    readFile: INDETERMINATE,
    writeFile: { ...DENY, visible: false },
  }
  const list = (change: Partial<Ports> = {}) =>
    world({
      parse: async () => ok(LIST),
      describe: () => DESCRIBED_LIST,
      decide: ({ resource }) => ruling(answers[resource.id] ?? INDETERMINATE),
      ...change,
    })

  test('shows what could be called, leaves out what is hidden or undecided, and counts both', async () => {
    const ports = list()
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.listed).toEqual({ asked: 3, shown: 1, indeterminate: 1 })
    expect(ports.perform.mock.calls[0]?.[0].shown).toEqual(['listFiles'])
    expect(ports.record.mock.calls[0]?.[0].listed).toEqual({ asked: 3, shown: 1, indeterminate: 1 })
    expect(taken(ports)).toBe('authenticate parse describe decide×4 meter record perform settle')
  })

  test('asks for itself, then tools/call of each item without arguments; only its own limits are metered', async () => {
    const ports = list()
    await walk(EXCHANGE, ports, ENFORCED)
    expect(ports.decide.mock.calls.map(([{ action, resource }]) => [action.name, resource])).toEqual([
      ['tools/list', SERVER],
      ['tools/call', tool('listFiles')],
      ['tools/call', tool('readFile')],
      ['tools/call', tool('writeFile')],
    ])
    expect(ports.meter.mock.calls).toEqual([['dec-1', PERMIT.limits]])
  })

  test('that is denied itself asks for no item', async () => {
    const ports = list({ decide: () => ruling(DENY) })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'denied', reasons: REASONS } })
    expect(taken(ports)).toBe(`${TO_DECIDE} record`)
  })

  test('in monitor mode shows what is hidden too, never what is undecided', async () => {
    const ports = list()
    const walked = await walk(EXCHANGE, ports, MONITORED)
    expect(walked.listed).toEqual({ asked: 3, shown: 2, indeterminate: 1 })
    expect(ports.perform.mock.calls[0]?.[0].shown).toEqual(['listFiles', 'writeFile'])
  })

  test('anything but a list has no count on its record', async () => {
    expect((await walk(EXCHANGE, world(), ENFORCED)).listed).toBeUndefined()
  })
})

describe('what is no tool', () => {
  const ping: McpCall = { ...CALL, method: 'ping', target: { type: 'server' } }
  test('is denied, never hidden or unknown', async () => {
    const ports = world({
      parse: async () => ok(ping),
      describe: () => ({ ...DESCRIBED, known: false, resource: SERVER }),
      decide: () => ruling({ ...DENY, visible: false }),
    })
    const walked = await walk(EXCHANGE, ports, ENFORCED)
    expect(walked.end).toEqual({ kind: 'refused', refusal: { code: 'denied', reasons: REASONS } })
  })
})

describe('what a call presupposes', () => {
  const prompt: Resource = { type: 'prompt', id: 'greet', properties: { server: 'files' } }
  const typed = { ...prompt, properties: { ...prompt.properties, arguments: { name: 'who', value: 'a' } } }
  const completion: McpCall = {
    ...CALL,
    method: 'completion/complete',
    target: {
      type: 'completion',
      of: { type: 'prompt', id: 'greet' },
      arguments: { name: 'who', value: 'a', given: {} },
    },
  }
  const presupposing = (decide: Ports['decide']) =>
    world({
      parse: async () => ok(completion),
      describe: () => ({ ...DESCRIBED, resource: typed, presupposed: { action: 'prompts/get', resource: prompt } }),
      decide,
    })
  const questions = (ports: World) =>
    ports.decide.mock.calls.map(([{ action, resource }]) => [action.name, resource.properties.arguments])

  test('is asked first, and then the call itself', async () => {
    const ports = presupposing(() => ruling(PERMIT))
    const { end, input } = await walk(EXCHANGE, ports, { enforce: true })
    expect(end.kind).toBe('answered')
    expect(input?.action.name).toBe('completion/complete')
    expect(questions(ports)).toEqual([
      ['prompts/get', undefined],
      ['completion/complete', { name: 'who', value: 'a' }],
    ])
  })

  test('and is not there: nothing more is asked, and the record holds the question that was answered', async () => {
    const ports = presupposing(() => ruling({ ...DENY, visible: false }))
    const walked = await walk(EXCHANGE, ports, { enforce: true })
    expect(walked.end).toEqual({
      kind: 'refused',
      refusal: { code: 'hidden', name: 'greet', as: 'unknown_prompt' },
    })
    expect(walked.input?.action.name).toBe('prompts/get')
    expect(questions(ports)).toEqual([['prompts/get', undefined]])
  })
})
