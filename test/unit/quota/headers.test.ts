import { describe, expect, test } from '@jest/globals'
import type { LimitState } from '../../../src/model/grant.ts'
import { rateLimitHeaders } from '../../../src/quota/headers.ts'

const now = new Date('2026-11-22T10:00:00.000Z')
const state = (change: Partial<LimitState> = {}): LimitState => ({
  name: 'daily',
  kind: 'window',
  limit: 1000,
  used: 10,
  period_seconds: 86_400,
  resets_at: '2026-11-22T10:00:30.500Z',
  retry_after_seconds: 0,
  shadow: false,
  ...change,
})
const spent = state({ name: 'burst', kind: 'rate', limit: 60, used: 60, period_seconds: 60, retry_after_seconds: 7 })

describe('rateLimitHeaders', () => {
  test.each<{ what: string; states: LimitState[]; exhausted?: LimitState; fields: Record<string, string> }>([
    { what: 'nothing for no limits', states: [], fields: {} },
    { what: 'nothing for shadow limits', states: [state({ shadow: true })], fields: {} },
    {
      what: 'one item a limit; no Retry-After on a permit, even when the next would be refused',
      states: [state(), spent],
      fields: {
        'RateLimit-Policy': '"daily";q=1000;w=86400, "burst";q=60;w=60',
        RateLimit: '"daily";r=990;t=31, "burst";r=0;t=7',
      },
    },
    {
      what: 'Retry-After on a refusal',
      states: [spent],
      exhausted: spent,
      fields: { 'RateLimit-Policy': '"burst";q=60;w=60', RateLimit: '"burst";r=0;t=7', 'Retry-After': '7' },
    },
    {
      what: 'concurrency has a unit and no window',
      states: [state({ name: 'in flight', kind: 'concurrency', limit: 4, used: 1 })],
      fields: { 'RateLimit-Policy': '"in flight";q=4;qu="concurrent-requests"', RateLimit: '"in flight";r=3;t=31' },
    },
    {
      what: 'integers only, never negative',
      states: [state({ limit: 1.5, used: 9, period_seconds: 0.25, resets_at: '2026-11-22T09:00:00.000Z' })],
      fields: { 'RateLimit-Policy': '"daily";q=1;w=1', RateLimit: '"daily";r=0;t=0' },
    },
    {
      what: 'a name cannot leave its string',
      states: [state({ name: 'a"b\\c\r\nX-Evil: é😀\u0000' })],
      fields: {
        'RateLimit-Policy': '"a\\"b\\\\c__X-Evil: ___";q=1000;w=86400',
        RateLimit: '"a\\"b\\\\c__X-Evil: ___";r=990;t=31',
      },
    },
    {
      what: 'a long name is cut',
      states: [state({ name: 'x'.repeat(1000) })],
      fields: {
        'RateLimit-Policy': `"${'x'.repeat(64)}";q=1000;w=86400`,
        RateLimit: `"${'x'.repeat(64)}";r=990;t=31`,
      },
    },
  ])('$what', ({ states, exhausted, fields }) => {
    expect(rateLimitHeaders(states, now, exhausted)).toEqual(fields)
  })
})
