import { describe, expect, test } from '@jest/globals'
import { toExchange } from '../../../src/http/exchange.ts'
import { incoming, withHeaders } from './incoming-request.ts'

const LIMITS = { bytes: 100, timeoutMs: 1_000 }
const exchange = (request = incoming()) => toExchange(request, '192.0.2.7', 'req-1', LIMITS)
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

describe('toExchange', () => {
  test('a request without any of our headers', () => {
    const request = incoming()
    const { body, signal, ...plain } = exchange(request)
    expect(plain).toEqual({ httpMethod: 'POST', requestId: 'req-1', address: '192.0.2.7', mcpHeaders: new Map() })
    expect(signal).toBe(request.request.signal)
    expect(body).toBeInstanceOf(Function)
  })

  test('the body is read once it is asked for, within the limits', async () => {
    const request = new Request('http://localhost/mcp', { method: 'POST', body: 'x'.repeat(101) })
    expect(await exchange(incoming({ request })).body()).toEqual({ ok: false, error: { code: 'body_too_large' } })
  })

  test('keeps Authorization as sent, the Mcp-* headers, and nothing else (C-045)', () => {
    const { authorization, mcpHeaders } = exchange(
      withHeaders(
        ['authorization', 'Bearer a.b.c'],
        ['mcp-protocol-version', '2026-07-28'],
        ['mcp-param-region', 'eu'],
        ['x-mcp-authorized', '1'],
        ['x-user', 'admin'],
        ['x-forwarded-user', 'admin'],
      ),
    )
    expect(authorization).toBe('Bearer a.b.c')
    expect([...mcpHeaders]).toEqual([
      ['mcp-protocol-version', '2026-07-28'],
      ['mcp-param-region', 'eu'],
    ])
  })

  test('hands on Authorization that came twice as one list, so that nobody picks one of both', () => {
    const { authorization } = exchange(withHeaders(['authorization', 'Bearer a'], ['authorization', 'Bearer b']))
    expect(authorization).toBe('Bearer a, Bearer b')
  })

  test.each<{ traceparent: string; traceId: string | undefined }>([
    { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, traceId: TRACE },
    { traceparent: `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, traceId: undefined },
    { traceparent: `00-${TRACE}-00f067aa0ba902b7-01\n`, traceId: undefined },
    { traceparent: `00-${TRACE}`, traceId: undefined },
    { traceparent: '<script>', traceId: undefined },
  ])('traceparent $traceparent', ({ traceparent, traceId }) => {
    expect(exchange(withHeaders(['traceparent', traceparent])).traceId).toBe(traceId)
  })
})
