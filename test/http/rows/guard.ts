import { deferred } from '../../../src/lib/deferred.ts'
import { held } from '../tools.ts'
import { until } from '../world.ts'
import { as, BOTH, EITHER, plain, READ, type Row } from './row.ts'

/** A body that begins and never goes on. */
const stalled = () =>
  new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) })
const node = (url: string, rawHeaders: readonly string[]) => ({
  url,
  rawHeaders,
  socket: { remoteAddress: '127.0.0.1' },
})
const once = { per_second: 1, burst: 1 }

export const GUARD: readonly Row[] = [
  {
    code: 'host_not_allowed',
    when: 'Host names another server',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, ...READ, headers: { host: 'evil.example' } }),
    expected: () => plain('host_not_allowed', 'This host name is not served here', 403),
  },
  {
    code: 'origin_not_allowed',
    when: 'a page of another origin calls',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, ...READ, headers: { origin: 'https://evil.example' } }),
    expected: () => plain('origin_not_allowed', 'This origin is not allowed', 403),
  },
  {
    code: 'bad_request',
    when: 'a header of the protocol comes twice',
    eras: EITHER,
    send: (world) =>
      world.fetch(
        '/mcp',
        { method: 'POST' },
        node('/mcp', ['Host', 'mcp.example.com', 'Mcp-Method', 'ping', 'mcp-method', 'ping']),
      ),
    expected: () => plain('bad_request', 'The HTTP request is malformed', 400),
  },
  {
    code: 'bad_request',
    when: 'the request line names a server',
    eras: EITHER,
    send: (world) => world.fetch('/mcp', {}, node('http://evil.example/mcp', ['Host', 'mcp.example.com'])),
    expected: () => plain('bad_request', 'The HTTP request is malformed', 400),
  },
  {
    code: 'not_found',
    when: 'there is nothing at the path',
    eras: EITHER,
    send: (world) => world.fetch('/nothing'),
    expected: () => plain('not_found', 'There is nothing at this path', 404),
  },
  ...(['GET', 'DELETE', 'PUT'] as const).map(
    (method): Row => ({
      code: 'method_not_allowed',
      when: `${method} comes with a token`,
      eras: EITHER,
      send: async (world) =>
        world.fetch('/mcp', { method, headers: { authorization: `Bearer ${await world.token()}` } }),
      expected: () =>
        plain('method_not_allowed', 'Only POST is served here; this server keeps no sessions', 405, { allow: 'POST' }),
    }),
  ),
  {
    code: 'not_acceptable',
    when: 'Accept lacks event streams',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, ...READ, headers: { accept: 'application/json' } }),
    expected: () => plain('not_acceptable', 'Accept must name application/json and text/event-stream', 406),
  },
  {
    code: 'request_timeout',
    when: 'the body does not end',
    eras: EITHER,
    settings: { limits: { headers_timeout_ms: 100, request_timeout_ms: 100 } },
    send: (world, sent) => world.send({ ...sent, raw: stalled() }),
    expected: () => plain('request_timeout', 'The request did not arrive in time', 408),
  },
  {
    code: 'body_too_large',
    when: 'Content-Length says so',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, raw: '{}', headers: { 'content-length': '1048577' } }),
    expected: () => plain('body_too_large', 'The request body is too large', 413),
  },
  {
    code: 'body_too_large',
    when: 'it turns out so',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, raw: ' '.repeat(1_048_577) }),
    expected: () => plain('body_too_large', 'The request body is too large', 413),
  },
  {
    code: 'unsupported_media_type',
    when: 'the body is no JSON',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, ...READ, headers: { 'content-type': 'text/plain' } }),
    expected: () =>
      plain('unsupported_media_type', 'Content-Type must be application/json, without a Content-Encoding', 415),
  },
  {
    code: 'headers_too_large',
    when: 'there are more than 100',
    eras: EITHER,
    send: (world, sent) =>
      world.send({ ...sent, headers: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, ''])) }),
    expected: () => plain('headers_too_large', 'Too many or too large request headers', 431),
  },
  {
    code: 'headers_too_large',
    when: 'they have more than 32 KiB',
    eras: EITHER,
    send: (world, sent) => world.send({ ...sent, headers: { 'x-long': 'x'.repeat(32_768) } }),
    expected: () => plain('headers_too_large', 'Too many or too large request headers', 431),
  },
  {
    code: 'rate_limited',
    when: 'an address sends too many',
    eras: EITHER,
    settings: { limits: { per_address: once } },
    send: async (world, sent) => {
      await world.send({ ...sent, ...READ })
      return world.send({ ...sent, ...READ })
    },
    expected: () => plain('rate_limited', 'Too many requests; retry later', 429, { 'retry-after': '1' }),
  },
  {
    code: 'rate_limited',
    when: 'a subject sends too many',
    eras: EITHER,
    settings: { limits: { per_subject: once } },
    send: async (world, sent) => {
      await world.send({ ...sent, ...READ })
      return world.send({ ...sent, ...READ })
    },
    expected: () => plain('rate_limited', 'Too many requests; retry later', 429, { 'retry-after': '1' }),
  },
  {
    code: 'overloaded',
    when: 'more requests are being answered than may be',
    eras: BOTH,
    settings: { limits: { max_connections: 1 } },
    send: async (world, sent) => {
      const token = await as(world, 'ample')
      held.release = deferred()
      const first = world.call('hold', {}, { ...sent, token })
      await until(
        async () => held.running,
        (running) => running === 1,
      )
      const second = await world.call('readFile', { path: 'public/a.txt' }, sent)
      held.release.resolve()
      await first
      return second
    },
    expected: () => plain('overloaded', 'The server is busy; retry later', 503, { 'retry-after': '1' }),
  },
]
