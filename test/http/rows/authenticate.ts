import { BOTH, EITHER, type Expected, METADATA, READ, type Row } from './row.ts'

const unauthorized = (cause?: string): Expected => ({
  status: 401,
  headers: {
    'www-authenticate': `Bearer ${cause === undefined ? '' : 'error="invalid_token", '}scope="mcp:read", resource_metadata="${METADATA}"`,
  },
  body: { error: 'unauthorized', message: 'A valid access token is required' },
  ...(cause !== undefined && { cause }),
})
const MALFORMED: Expected = {
  status: 400,
  headers: { 'www-authenticate': `Bearer error="invalid_request", resource_metadata="${METADATA}"` },
  body: { error: 'authorization_malformed', message: 'The Authorization header is malformed' },
}
export const AUTHENTICATE: readonly Row[] = [
  {
    code: 'authorization_malformed',
    when: 'there are two tokens',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, ...READ, token: 'a.b.c d.e.f' }),
    expected: () => MALFORMED,
  },
  {
    code: 'token_missing',
    when: 'there is no Authorization',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, ...READ, token: undefined }),
    expected: () => unauthorized(),
  },
  ...(['GET', 'DELETE'] as const).map(
    (method): Row => ({
      code: 'token_missing',
      when: `${method} comes without a token`,
      eras: EITHER,
      send: (world) => world.fetch('/mcp', { method }),
      expected: () => unauthorized(),
    }),
  ),
  {
    code: 'token_invalid',
    when: 'it is no token',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, ...READ, token: 'a.b.c' }),
    expected: () => unauthorized('not_a_compact_jws'),
  },
  {
    code: 'token_invalid',
    when: 'it is for another audience',
    eras: BOTH,
    send: async (world, sent) =>
      world.send({ ...sent, ...READ, token: await world.token({ audience: 'https://other.example.com' }) }),
    expected: () => unauthorized('audience_mismatch'),
  },
  {
    code: 'token_invalid',
    when: 'it has expired',
    eras: BOTH,
    send: async (world, sent) => world.send({ ...sent, ...READ, token: await world.token({ lifetime: -60 }) }),
    expected: () => unauthorized('expired'),
  },
]
