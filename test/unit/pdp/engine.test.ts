import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../src/model/json.ts'
import { createPolicy, type Policy } from '../../../src/pdp/engine.ts'
import type { LoadedBundle } from '../../../src/pdp/loaded-bundle.ts'
import { compileWith, findOpa } from '../../policy/tools.ts'
import { callWith } from './inputs.ts'

// What `arguments.say` asks for is what the policy answers; `arguments.both` makes two rules contradict
// each other, which aborts WASM. So one compiled policy shows every hazard.
const POLICY = `package mcp.main

decision := input.resource.properties.arguments.say

decision := input.resource.properties.arguments.both

echo := {"input": input}

unlike := 1 if input.conflict

unlike := 2 if input.conflict
`
const MASK = `package mcp.log

mask := input.says
`
const PERMIT = { effect: 'permit', visible: true, reasons: [], scopes: [], limits: [], obligations: [] } as const
const DENY = { ...PERMIT, effect: 'deny', visible: false } as const
const LIMIT = {
  name: 'n',
  key: ['iss', '', 'alice'],
  kind: 'rate',
  limit: 1,
  period: 60,
  burst: 1,
  cost: 1,
  on_store_error: 'deny',
  shadow: false,
} as const

let bundle: LoadedBundle
let now = 0
const open: Policy[] = []

async function policyOf(loaded: LoadedBundle): Promise<Policy> {
  const policy = await createPolicy(loaded, { now: () => now })
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  open.push(policy.value)
  return policy.value
}

const conflicting = (id?: string) => callWith({ say: DENY, both: PERMIT }, id)
const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve))

async function untilReady(policy: Policy): Promise<void> {
  for (let turns = 0; !policy.health().ready; turns++) {
    if (turns > 100_000) throw new Error(`no new instance: ${JSON.stringify(policy.health())}`)
    await nextTurn()
  }
}

beforeAll(async () => {
  bundle = await compileWith(await findOpa(), { 'mcp/main/main.rego': POLICY, 'mcp/log/log.rego': MASK }, [
    'mcp/main/decision',
    'mcp/main/echo',
    'mcp/main/unlike',
    'mcp/log/mask',
  ])
})
afterAll(() => {
  for (const policy of open) policy.close()
})

describe('a decision', () => {
  const cases: readonly { name: string; say: JsonObject; plans?: JsonObject; want: unknown }[] = [
    { name: 'permit', say: PERMIT, want: PERMIT },
    { name: 'deny', say: DENY, want: DENY },
    {
      name: 'permit with a limit',
      say: { ...PERMIT, limits: [LIMIT] },
      plans: { a: {} },
      want: { ...PERMIT, limits: [LIMIT] },
    },
    {
      name: 'the same limit twice',
      say: { ...PERMIT, limits: [LIMIT, LIMIT] },
      want: { ...PERMIT, limits: [LIMIT, LIMIT] },
    },
    {
      name: 'one limit of two tools, with figures of their own',
      say: {
        ...PERMIT,
        limits: [
          { ...LIMIT, key: [...LIMIT.key, 'a'] },
          { ...LIMIT, key: [...LIMIT.key, 'b'], limit: 2 },
        ],
      },
      want: {
        ...PERMIT,
        limits: [
          { ...LIMIT, key: [...LIMIT.key, 'a'] },
          { ...LIMIT, key: [...LIMIT.key, 'b'], limit: 2 },
        ],
      },
    },
  ]
  test.each(cases)('$name', async ({ say, plans, want }) => {
    const policy = await policyOf({ ...bundle, data: plans === undefined ? {} : { mcp: { plans } } })
    expect(policy.decide(callWith({ say }))).toEqual(want)
    expect(policy.health()).toEqual({ ready: true, restarts: 0, indeterminate: 0 })
  })
})

describe('no decision', () => {
  const confine = { type: 'confine', read: [], write: [], never: [] }
  const cases: readonly { name: string; args: JsonObject; plans?: JsonObject; cause: string }[] = [
    { name: 'undefined', args: {}, cause: 'the decision is undefined' },
    {
      name: 'empty',
      args: { say: {} },
      cause:
        'the decision is malformed at /: must have required properties effect, visible, reasons, scopes, limits, obligations',
    },
    { name: 'of another type', args: { say: [] }, cause: 'the decision is malformed at /: must be object' },
    {
      name: 'an extra member',
      args: { say: { ...DENY, more: 1 } },
      cause: 'the decision is malformed at /more: schema is false',
    },
    {
      name: 'an unknown effect',
      args: { say: { ...DENY, effect: 'allow' } },
      cause: 'the decision is malformed at /effect: must be equal to constant',
    },
    {
      name: 'a negative limit',
      args: { say: { ...PERMIT, limits: [{ ...LIMIT, limit: -1 }] } },
      cause: 'the decision is malformed at /limits/0/limit: must be >= 0',
    },
    {
      name: 'an unknown obligation',
      args: { say: { ...PERMIT, obligations: [{ type: 'pray' }] } },
      cause: 'the decision is malformed at /obligations/0: must have required properties read, write, never',
    },
    {
      name: 'a denial with limits',
      args: { say: { ...DENY, limits: [LIMIT] } },
      cause: 'a denial with limits or obligations',
    },
    {
      name: 'a denial with obligations',
      args: { say: { ...DENY, obligations: [confine] } },
      cause: 'a denial with limits or obligations',
    },
    {
      name: 'a permit of what is hidden',
      args: { say: { ...PERMIT, visible: false } },
      cause: 'a permit that is not visible',
    },
    {
      name: 'a permit without limits although there are plans',
      args: { say: PERMIT },
      plans: { a: {} },
      cause: 'a permitted tools/call without any limit, although there are plans',
    },
    {
      name: 'one limit with different figures',
      args: { say: { ...PERMIT, limits: [LIMIT, { ...LIMIT, limit: 2 }] } },
      cause: 'limit "n" stands twice for one key with different figures',
    },
    {
      name: 'a limit of somebody else',
      args: { say: { ...PERMIT, limits: [{ ...LIMIT, key: ['iss', '', 'bob'] }] } },
      cause: 'the key of limit "n" does not begin with issuer, tenant and subject id',
    },
    {
      name: 'oversized',
      args: { say: { ...DENY, reasons: [{ code: 'c', message: 'm'.repeat(65_536) }] } },
      cause: 'the decision is oversized',
    },
    {
      name: 'a contradiction of two rules',
      args: { say: DENY, both: PERMIT },
      cause: 'mcp/main/main.rego:5:1: var assignment conflict',
    },
  ]
  test.each(cases)('$name', async ({ args, plans, cause }) => {
    const policy = await policyOf({ ...bundle, data: plans === undefined ? {} : { mcp: { plans } } })
    expect(policy.decide(callWith(args))).toEqual({ effect: 'indeterminate', code: 'no_decision', cause })
    expect(policy.health()).toMatchObject({ indeterminate: 1, last_cause: cause })
  })
})

describe('an input that does not reach WASM', () => {
  const nested = (depth: number): JsonObject => (depth === 0 ? {} : { a: nested(depth - 1) })
  const wide = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i]))
  const cases: readonly { name: string; args: JsonObject; cause: string }[] = [
    { name: 'lone surrogate', args: { say: '\ud800' }, cause: 'a string is not well-formed Unicode' },
    { name: 'deep', args: nested(64), cause: 'nested deeper than 64 levels' },
    { name: 'wide', args: wide, cause: 'more than 256 keys in one object' },
    { name: 'long', args: { say: 'x'.repeat(262_144) }, cause: 'more than 262144 bytes' },
  ]
  test.each(cases)('$name, 1 100 times, and the instance lives on', async ({ args, cause }) => {
    const policy = await policyOf(bundle)
    for (let i = 0; i < 1_100; i++) {
      expect(policy.decide(callWith(args))).toEqual({ effect: 'indeterminate', code: 'input_too_large', cause })
    }
    expect(policy.decide(callWith({ say: DENY }))).toEqual(DENY)
    expect(policy.health()).toEqual({ ready: true, restarts: 0, indeterminate: 1_100, last_cause: cause })
  })
})

describe('an evaluation that aborts', () => {
  test('costs the instance each time, 1 100 times, and answers stay right', async () => {
    const policy = await policyOf(bundle)
    for (let i = 0; i < 1_100; i++) {
      expect(policy.decide(conflicting(`subject ${i}`)).effect).toBe('indeterminate')
      await untilReady(policy)
      expect(policy.decide(callWith({ say: PERMIT }))).toEqual(PERMIT)
    }
    expect(policy.health()).toMatchObject({ ready: true, restarts: 1_100, indeterminate: 1_100 })
  }, 120_000)

  test('twice before a new instance is made leaves no decision, and then it recovers', async () => {
    const policy = await policyOf(bundle)
    policy.decide(conflicting())
    policy.decide(conflicting())
    expect(policy.decide(callWith({ say: PERMIT }))).toEqual({
      effect: 'indeterminate',
      code: 'no_decision',
      cause: 'no instance ready',
    })
    await untilReady(policy)
    expect(policy.decide(callWith({ say: PERMIT }))).toEqual(PERMIT)
  })

  test('is bounded per subject and minute', async () => {
    const policy = await policyOf(bundle)
    now = 0
    for (let i = 0; i < 10; i++) {
      policy.decide(conflicting())
      await untilReady(policy)
    }
    const spent = { effect: 'indeterminate', code: 'no_decision', cause: 'this subject broke too many evaluations' }
    expect(policy.decide(callWith({ say: PERMIT }))).toEqual(spent)
    expect(policy.decide(callWith({ say: PERMIT }, 'bob'))).toEqual(PERMIT)
    expect(policy.health().restarts).toBe(10)
    now = 60_000
    expect(policy.decide(callWith({ say: PERMIT }))).toEqual(PERMIT)
  })
})

describe('other entrypoints', () => {
  test('get the input whole, a falsy one included', async () => {
    const policy = await policyOf(bundle)
    expect(policy.evaluate('mcp/main/echo', { a: [0, '', false, null] })).toEqual({
      ok: true,
      value: { input: { a: [0, '', false, null] } },
    })
    expect(policy.evaluate('mcp/main/echo', {})).toEqual({ ok: true, value: { input: {} } })
  })

  test('an undefined result is undefined, an unknown entrypoint an error', async () => {
    const policy = await policyOf(bundle)
    expect(policy.evaluate('mcp/main/unlike', {})).toEqual({ ok: true, value: undefined })
    expect(policy.evaluate('toString', {})).toEqual({ ok: false, error: 'the policy has no entrypoint toString' })
  })

  test('an abort is an error and costs the instance', async () => {
    const policy = await policyOf(bundle)
    expect(policy.evaluate('mcp/main/unlike', { conflict: true })).toEqual({
      ok: false,
      error: 'mcp/main/main.rego:11:1: var assignment conflict',
    })
    expect(policy.health().restarts).toBe(1)
  })

  test('after closing, requests that began with the policy end with it, and nothing new is made', async () => {
    const policy = await policyOf(bundle)
    policy.close()
    expect(policy.decide(callWith({ say: PERMIT }))).toEqual(PERMIT)
    policy.decide(conflicting())
    policy.decide(conflicting())
    await nextTurn()
    expect(policy.health().ready).toBe(false)
  })
})

describe('the mask', () => {
  const cases: readonly { name: string; says: JsonObject; want: unknown }[] = [
    {
      name: 'pointers, in order',
      says: { says: ['/result', '/input/b'] },
      want: { ok: true, value: ['/input/b', '/result'] },
    },
    {
      name: 'operations',
      says: { says: [{ op: 'upsert', path: '/input/a', value: null }] },
      want: { ok: true, value: [{ op: 'upsert', path: '/input/a', value: null }] },
    },
    { name: 'none', says: { says: [] }, want: { ok: true, value: [] } },
    { name: 'undefined', says: {}, want: { ok: false, error: 'the mask is undefined' } },
    {
      name: 'another part of the record',
      says: { says: ['/timestamp'] },
      want: { ok: false, error: 'the mask is malformed' },
    },
    {
      name: 'another operation',
      says: { says: [{ op: 'copy', path: '/input' }] },
      want: { ok: false, error: 'the mask is malformed' },
    },
    {
      name: 'an operation with more to it',
      says: { says: [{ op: 'remove', path: '/input', when: 'never' }] },
      want: { ok: false, error: 'the mask is malformed' },
    },
    { name: 'no list', says: { says: '/input' }, want: { ok: false, error: 'the mask is malformed' } },
  ]
  test.each(cases)('$name', async ({ says, want }) => {
    const policy = await policyOf(bundle)
    expect(policy.mask(says)).toEqual(want)
  })

  test('is asked of no more than it can read', async () => {
    const policy = await policyOf({ ...bundle, maskReads: { values: [['says']], types: [] } })
    const more = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, at]))
    expect(policy.mask({ more, says: ['/input/b'] })).toEqual({ ok: true, value: ['/input/b'] })
    expect(policy.mask({ more })).toEqual({ ok: false, error: 'the mask is undefined' })
  })

  test('is absent when the policy has none', async () => {
    const policy = await policyOf(
      await compileWith(await findOpa(), { 'mcp/main/main.rego': 'package mcp.main\n\ndecision := input.x\n' }),
    )
    expect(policy.mask({})).toEqual({ ok: true, value: 'absent' })
  })
})

describe('a bundle that this host cannot run', () => {
  test('names the builtins that it lacks', async () => {
    const rego = 'package mcp.main\n\ndecision := [sprintf("%v", [input.x]), time.now_ns(), json.patch(input.y, [])]\n'
    const loaded = await compileWith(await findOpa(), { 'mcp/main/main.rego': rego })
    expect(await createPolicy(loaded, { now: () => 0 })).toEqual({
      ok: false,
      error: [
        {
          file: 'policy.wasm',
          message:
            'calls builtins that this host does not have: json.patch (not available in WASM); ' +
            'sprintf (the SDK\'s differs from OPA\'s; use a template string, $"… {x}"); time.now_ns (not available in WASM)',
          remedy: 'Write the rule without them; `portcullis build` refuses them with the line',
        },
      ],
    })
  })

  test('has no decision', async () => {
    const loaded = await compileWith(await findOpa(), { 'mcp/other/o.rego': 'package mcp.other\n\nx := input.x\n' }, [
      'mcp/other/x',
    ])
    expect(await createPolicy(loaded, { now: () => 0 })).toEqual({
      ok: false,
      error: [
        {
          file: 'policy.wasm',
          message: 'has no entrypoint mcp/main/decision, only mcp/other/x',
          remedy: 'Define the rule `decision` in package mcp.main and build with it as an entrypoint',
        },
      ],
    })
  })

  test('is no module', async () => {
    const broken = await createPolicy({ ...bundle, wasm: new Uint8Array([0, 1, 2]) }, { now: () => 0 })
    expect(broken).toMatchObject({
      ok: false,
      error: [{ file: 'policy.wasm', remedy: 'Build the bundle again with `portcullis build`' }],
    })
  })
})
