import { describe, expect, test } from '@jest/globals'
import { guardOrigin } from '../../../../src/http/middleware/origin.ts'
import { withHeaders } from '../incoming-request.ts'

const verdict = (allowed: string[], ...sent: string[]) =>
  guardOrigin(allowed)(withHeaders(...sent.map((origin) => ['origin', origin] as const)), '')?.code ?? 'passes'

describe('guardOrigin', () => {
  test.each<{ what: string; allowed: string[]; sent: string[]; is: string }>([
    { what: 'none is sent', allowed: [], sent: [], is: 'passes' },
    { what: 'an allowed one', allowed: ['https://a.example'], sent: ['https://a.example'], is: 'passes' },
    { what: 'any, when none is allowed', allowed: [], sent: ['http://localhost:3000'], is: 'origin_not_allowed' },
    { what: 'another', allowed: ['https://a.example'], sent: ['https://evil'], is: 'origin_not_allowed' },
    { what: 'another scheme', allowed: ['https://a.example'], sent: ['http://a.example'], is: 'origin_not_allowed' },
    {
      what: 'another port',
      allowed: ['https://a.example'],
      sent: ['https://a.example:8443'],
      is: 'origin_not_allowed',
    },
    {
      what: 'a longer name',
      allowed: ['https://a.example'],
      sent: ['https://a.example.evil'],
      is: 'origin_not_allowed',
    },
    { what: 'a list', allowed: ['https://a.example'], sent: ['https://a.example https://b'], is: 'origin_not_allowed' },
    { what: 'an empty one', allowed: ['https://a.example'], sent: [''], is: 'origin_not_allowed' },
    { what: 'null', allowed: [], sent: ['null'], is: 'origin_not_allowed' },
    { what: 'null, even when it is configured', allowed: ['null'], sent: ['null'], is: 'origin_not_allowed' },
    {
      what: 'two of them',
      allowed: ['https://a.example'],
      sent: ['https://a.example', 'https://a.example'],
      is: 'bad_request',
    },
  ])('$what: $is', ({ allowed, sent, is }) => {
    expect(verdict(allowed, ...sent)).toBe(is)
  })
})
