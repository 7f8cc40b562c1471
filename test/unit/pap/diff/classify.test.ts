import { describe, expect, test } from '@jest/globals'
import type { Confine, Decided, Decision, Limit } from '../../../../src/model/decision.ts'
import { classify } from '../../../../src/pap/diff/classify.ts'

const limit: Limit = {
  name: 'readFile per minute',
  key: ['i', 't', 's', 'readFile'],
  kind: 'rate',
  limit: 60,
  period: 60,
  burst: 10,
  cost: 1,
  on_store_error: 'deny',
  shadow: false,
}
const window: Limit = { ...limit, name: 'per day', kind: 'window', period: 'day', burst: 0 }
const lease: Limit = { ...limit, name: 'at once', kind: 'concurrency', limit: 4, burst: 0 }
const confine: Confine = { type: 'confine', read: [['public'], ['docs']], write: [], never: ['.env', '.git'] }
const granted = { code: 'tools.role_granted', message: 'Granted' }
const permit: Decision = {
  effect: 'permit',
  visible: true,
  reasons: [granted],
  scopes: [],
  limits: [limit, window],
  obligations: [confine],
}
const deny: Decision = {
  ...permit,
  effect: 'deny',
  reasons: [{ code: 'paths.never', message: 'Closed' }],
  limits: [],
  obligations: [],
}
const hidden: Decision = { ...deny, visible: false, reasons: [{ code: 'main.no_permit', message: 'No rule' }] }
const scoped: Decision = { ...deny, scopes: ['mcp:read', 'mcp:write'] }
const none: Decided = { effect: 'indeterminate', code: 'no_decision', cause: 'undefined' }
const limited = (...limits: readonly Limit[]): Decision => ({ ...permit, limits: [...limits] })
const confined = (...obligations: readonly Confine[]): Decision => ({ ...permit, obligations: [...obligations] })

describe('effect and visibility', () => {
  test.each<{ what: string; base: Decided; head: Decided; kinds: readonly string[] }>([
    { what: 'a denial that becomes a permit', base: deny, head: permit, kinds: ['newly-allowed'] },
    { what: 'a hidden thing that is permitted', base: hidden, head: permit, kinds: ['newly-allowed', 'newly-visible'] },
    { what: 'a hidden thing that is shown', base: hidden, head: deny, kinds: ['newly-visible'] },
    { what: 'a permit that becomes a denial', base: permit, head: deny, kinds: ['newly-denied'] },
    { what: 'a permit that is hidden', base: permit, head: hidden, kinds: ['newly-denied', 'newly-hidden'] },
    { what: 'a denial that is hidden', base: deny, head: hidden, kinds: ['newly-hidden'] },
    {
      what: 'no decision after a permit',
      base: permit,
      head: none,
      kinds: ['indeterminate', 'newly-denied', 'newly-hidden'],
    },
    {
      what: 'a permit after no decision',
      base: none,
      head: permit,
      kinds: ['indeterminate', 'newly-allowed', 'newly-visible'],
    },
    { what: 'no decision after a hidden denial', base: hidden, head: none, kinds: ['indeterminate'] },
    { what: 'no decision for another cause', base: none, head: { ...none, cause: 'aborted' }, kinds: [] },
    {
      what: 'other scopes to ask for',
      base: scoped,
      head: { ...scoped, scopes: ['mcp:read'] },
      kinds: ['scopes-changed'],
    },
    { what: 'another code', base: deny, head: { ...deny, reasons: [granted] }, kinds: ['reasons-only'] },
    {
      what: 'another message',
      base: permit,
      head: { ...permit, reasons: [{ ...granted, message: 'x' }] },
      kinds: ['reasons-only'],
    },
    { what: 'the same again', base: permit, head: structuredClone(permit), kinds: [] },
    {
      what: 'the same in another order',
      base: { ...permit, obligations: [confine, { ...confine, read: [] }] },
      head: {
        ...permit,
        limits: [window, { ...Object.fromEntries(Object.entries(limit).toReversed()) } as Limit],
        obligations: [
          { ...confine, read: [] },
          { ...confine, read: [['docs'], ['public']], never: ['.git', '.env', '.git'] },
        ],
      },
      kinds: [],
    },
  ])('$what', ({ base, head, kinds }) => {
    expect(classify(base, head).map(({ kind }) => kind)).toEqual(kinds)
  })

  test('says which rules brought it about', () => {
    const otherwise = { ...hidden, reasons: [...hidden.reasons, ...deny.reasons] }
    expect(classify(otherwise, deny)).toEqual([{ kind: 'newly-visible', detail: 'no longer main.no_permit' }])
    expect(classify(deny, otherwise)).toEqual([{ kind: 'newly-hidden', detail: 'main.no_permit' }])
    expect(classify(deny, permit)).toEqual([{ kind: 'newly-allowed', detail: 'paths.never → tools.role_granted' }])
  })
})

describe('limits', () => {
  test.each<{ what: string; base: Decision; head: Decision; changes: readonly [string, string][] }>([
    {
      what: 'a higher figure',
      base: limited(limit, window),
      head: limited(window, { ...limit, limit: 600 }),
      changes: [['limits-loosened', 'readFile per minute: 60 per 60 s, burst 10 → 600 per 60 s, burst 10']],
    },
    {
      what: 'a limit that is gone',
      base: limited(limit, window),
      head: limited(limit),
      changes: [['limits-loosened', 'per day: no longer holds']],
    },
    {
      what: 'a limit that is new',
      base: limited(limit),
      head: limited(limit, window),
      changes: [['limits-tightened', 'per day: holds now']],
    },
    {
      what: 'another kind',
      base: limited(limit),
      head: limited({ ...limit, kind: 'window' }),
      changes: [
        ['limits-loosened', 'readFile per minute: no longer holds'],
        ['limits-tightened', 'readFile per minute: holds now'],
      ],
    },
    {
      what: 'a shadow of a limit',
      base: limited(limit),
      head: limited({ ...limit, shadow: true }),
      changes: [['limits-loosened', 'readFile per minute: no longer holds']],
    },
    {
      what: 'other figures of a shadow',
      base: limited({ ...limit, shadow: true }),
      head: limited({ ...limit, shadow: true, limit: 1 }),
      changes: [['reasons-only', 'tools.role_granted']],
    },
  ])('$what', ({ base, head, changes }) => {
    expect(classify(base, head)).toEqual(changes.map(([kind, detail]) => ({ kind, detail })))
  })

  const looser = ['limits-loosened']
  const tighter = ['limits-tightened']
  const either = ['limits-loosened', 'limits-tightened']
  test.each<{ what: string; was: Limit; is: Partial<Limit>; kinds: readonly string[] }>([
    { what: 'a larger burst', was: limit, is: { burst: 20 }, kinds: looser },
    { what: 'a burst of none for one', was: { ...limit, burst: 1 }, is: { burst: 0 }, kinds: ['reasons-only'] },
    { what: 'a longer period', was: limit, is: { period: 120 }, kinds: tighter },
    { what: 'more in a longer window', was: window, is: { limit: 120, period: 'month' }, kinds: either },
    { what: 'a higher cost', was: limit, is: { cost: 2 }, kinds: tighter },
    { what: 'no cost', was: limit, is: { cost: 0 }, kinds: looser },
    { what: 'no cost before and after', was: { ...limit, cost: 0 }, is: { limit: 5 }, kinds: ['reasons-only'] },
    { what: 'a limit of none', was: limit, is: { limit: 0 }, kinds: tighter },
    { what: 'mercy when the store is away', was: limit, is: { on_store_error: 'local' }, kinds: looser },
    { what: 'more at once', was: lease, is: { limit: 8 }, kinds: looser },
    { what: 'a longer lease', was: lease, is: { period: 120 }, kinds: tighter },
    { what: 'one count for all tools', was: limit, is: { key: ['i', 't', 's'] }, kinds: tighter },
    { what: 'a count for each era', was: limit, is: { key: [...limit.key, 'modern'] }, kinds: looser },
    { what: 'another count', was: limit, is: { key: ['i', 't', 's', 'all'] }, kinds: either },
  ])('$what: $kinds', ({ was, is, kinds }) => {
    expect(classify(limited(was), limited({ ...was, ...is })).map(({ kind }) => kind)).toEqual(kinds)
  })

  test('the same name of two keys is compared key by key', () => {
    const other: Limit = { ...limit, key: ['i', 't', 's', 'writeFile'], limit: 5 }
    expect(classify(limited(limit, other), limited({ ...other, limit: 6 }, limit)).map(({ kind }) => kind)).toEqual(
      looser,
    )
  })
})

describe('confine', () => {
  const widened = 'obligations-widened'
  const narrowed = 'obligations-narrowed'
  test.each<{ what: string; base: Decision; head: Decision; changes: readonly [string, string][] }>([
    {
      what: 'a widened prefix',
      base: confined(confine),
      head: confined({ ...confine, read: [[]] }),
      changes: [[widened, 'opens / to read']],
    },
    {
      what: 'a narrowed prefix',
      base: confined(confine),
      head: confined({ ...confine, read: [['public'], ['docs', 'open']] }),
      changes: [[narrowed, 'closes /docs to read']],
    },
    {
      what: 'a prefix for another',
      base: confined(confine),
      head: confined({ ...confine, read: [['public'], ['private']] }),
      changes: [
        [widened, 'opens /private to read'],
        [narrowed, 'closes /docs to read'],
      ],
    },
    {
      what: 'a prefix below one that is open',
      base: confined(confine),
      head: confined({ ...confine, read: [...confine.read, ['docs', 'open']] }),
      changes: [['reasons-only', 'tools.role_granted']],
    },
    {
      what: 'a name that is no longer closed',
      base: confined(confine),
      head: confined({ ...confine, never: ['.git'] }),
      changes: [[widened, 'opens /public/.env to read, /docs/.env to read']],
    },
    {
      what: 'a name that is closed',
      base: confined(confine),
      head: confined({ ...confine, never: ['.env', '.git', '.ssh'] }),
      changes: [[narrowed, 'closes /public/.ssh to read, /docs/.ssh to read']],
    },
    {
      what: 'something to write to',
      base: confined(confine),
      head: confined({ ...confine, write: [['public']] }),
      changes: [[widened, 'opens /public to write']],
    },
    {
      what: 'no confine, which opens nothing',
      base: confined(confine),
      head: confined(),
      changes: [[narrowed, 'closes /public to read, /docs to read']],
    },
    {
      what: 'a second confine, which leaves what both open',
      base: confined(confine),
      head: confined(confine, { ...confine, read: [['docs']] }),
      changes: [[narrowed, 'closes /public to read']],
    },
  ])('$what', ({ base, head, changes }) => {
    expect(classify(base, head)).toEqual(changes.map(([kind, detail]) => ({ kind, detail })))
  })

  test('names few of many places', () => {
    const never = ['a', 'b', 'c', 'd', 'e']
    const head = confined({ ...confine, read: [[]], never: [] })
    expect(classify(confined({ ...confine, read: [[]], never }), head)).toEqual([
      { kind: widened, detail: 'opens /a to read, /b to read, /c to read, 2 more' },
    ])
  })
})
