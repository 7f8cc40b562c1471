import { describe, expect, test } from '@jest/globals'
import { Hono } from 'hono'
import { createCors } from '../../../src/http/cors.ts'
import { incoming, withHeaders } from './incoming-request.ts'

const CONSOLE = 'https://console.example.com'

describe('createCors', () => {
  const cors = createCors([CONSOLE])
  const app = new Hono().use(cors.middleware).post('/mcp', (c) => c.body(null))

  test.each([
    { name: 'an allowed origin', origin: CONSOLE, allowed: { 'access-control-allow-origin': CONSOLE } },
    { name: 'another origin', origin: 'https://evil.example', allowed: {} },
    { name: 'no origin', origin: undefined, allowed: {} },
  ])('answers $name as its middleware does', async ({ origin, allowed }) => {
    const headers = cors.headersFor(origin === undefined ? incoming() : withHeaders(['origin', origin]))
    expect(headers).toEqual({
      'access-control-expose-headers': 'WWW-Authenticate,Retry-After,RateLimit,RateLimit-Policy',
      vary: 'Origin',
      ...allowed,
    })
    const response = await app.request('/mcp', { method: 'POST', headers: origin === undefined ? {} : { origin } })
    expect(Object.fromEntries(response.headers)).toEqual(headers)
  })
})
