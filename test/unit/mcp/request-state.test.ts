import { describe, expect, test } from '@jest/globals'
import { bindingOf, createRequestStates, type StateBinding } from '../../../src/mcp/request-state.ts'
import { SUBJECT, toolCall } from './permission.ts'

let now = 0
const states = createRequestStates({ key: new Uint8Array(32).fill(1), now: () => now })
const BINDING = bindingOf(SUBJECT, toolCall('modern'), { path: 'a' })
const MINUTE = 60_000
const foreign = { ok: false, error: 'foreign' }

describe('state that goes out sealed', () => {
  test.each([null, 0, '', 'text', [1], { a: { b: 'é' } }])('comes back as it was: %j', (state) => {
    now = 0
    const sealed = states.seal(BINDING, state)
    now = 15 * MINUTE - 1
    expect(states.open(BINDING, sealed)).toEqual({ ok: true, value: state })
    now = 15 * MINUTE
    expect(states.open(BINDING, sealed)).toEqual(foreign)
    now = 0
  })

  test('says nothing of what it holds, and is never the same twice', () => {
    const sealed = states.seal(BINDING, 'canary')
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('canary')
    expect(states.seal(BINDING, 'canary')).not.toBe(sealed)
  })

  test.each<[string, StateBinding]>([
    ['another caller', { ...BINDING, principal: [...BINDING.principal.slice(0, 2), 'bob', 'cli'] }],
    ['another client', { ...BINDING, principal: [...BINDING.principal.slice(0, 3), 'other'] }],
    ['another method', { ...BINDING, method: 'prompts/get' }],
    ['another tool', bindingOf(SUBJECT, toolCall('modern', 'writeFile'), { path: 'a' })],
    ['other arguments', bindingOf(SUBJECT, toolCall('modern'), { path: 'b' })],
  ])('opens for nobody and nothing else: %s', (_, binding) => {
    expect(states.open(binding, states.seal(BINDING, 1))).toEqual(foreign)
  })

  test('no bit of it can be changed', () => {
    const bytes = Buffer.from(states.seal(BINDING, 1), 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(states.open(BINDING, altered.toString('base64url'))).toEqual(foreign)
    }
  })

  test.each(['', 'x', 'é', '=', 'AAAA'.repeat(20)])('%j is no state', (sealed) => {
    expect(states.open(BINDING, sealed)).toEqual(foreign)
  })

  test('another key does not open it', () => {
    const other = createRequestStates({ key: new Uint8Array(32).fill(2), now: () => now })
    expect(other.open(BINDING, states.seal(BINDING, 1))).toEqual(foreign)
  })
})
