import { describe, expect, jest, test } from '@jest/globals'
import { receive } from '../../../src/http/receive.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { Exchange } from '../../../src/model/exchange.ts'
import { EXCHANGE } from '../pep/world.ts'

const bytes =
  (content: string | Uint8Array): Exchange['body'] =>
  async () =>
    ok(Buffer.from(content))
const posted = (content: string | Uint8Array, headers: Record<string, string> = {}) =>
  receive({ ...EXCHANGE, mcpHeaders: new Map(Object.entries(headers)), body: bytes(content) })

describe('receive', () => {
  test('one message, its headers and its size in bytes', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"é"}}'
    expect(await posted(body, { 'mcp-protocol-version': '2025-11-25' })).toEqual({
      ok: true,
      value: {
        era: 'legacy',
        protocolVersion: '2025-11-25',
        id: 1,
        method: 'tools/call',
        target: { type: 'tool', name: 'é', arguments: {} },
        params: {},
        mirrored: new Map(),
        bytes: Buffer.byteLength(body),
      },
    })
  })

  test.each<{ what: string; content: string | Uint8Array }>([
    { what: 'nothing', content: '' },
    { what: 'no JSON', content: 'hello' },
    { what: 'a byte order mark (C-031)', content: '\ufeff{}' },
    { what: 'UTF-16', content: Buffer.from('{}', 'utf16le') },
    { what: 'bytes that are not UTF-8', content: Uint8Array.of(0x22, 0xff, 0x22) },
    { what: 'a key twice (C-011)', content: '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}' },
    { what: '__proto__ (C-016)', content: '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"__proto__":{"a":1}}}' },
    { what: 'nesting without end (C-025)', content: '['.repeat(100_000) },
  ])('$what is malformed', async ({ content }) => {
    expect(await posted(content)).toEqual({ ok: false, error: { era: 'legacy', refusal: { code: 'malformed_json' } } })
  })

  test('what classify says, with what could be read', async () => {
    expect(await posted('{"jsonrpc":"2.0","id":7,"method":"a/b"}')).toEqual({
      ok: false,
      error: { era: 'legacy', id: 7, method: 'a/b', refusal: { code: 'method_not_found' } },
    })
  })

  test('what the body reader says', async () => {
    const body: Exchange['body'] = async () => err({ code: 'body_too_large' })
    expect(await receive({ ...EXCHANGE, body })).toEqual({
      ok: false,
      error: { era: 'legacy', refusal: { code: 'body_too_large' } },
    })
  })

  test.each(['GET', 'DELETE', 'HEAD', 'PUT', 'PATCH', 'TRACE', 'post'])(
    '%s is not served, and its body not read (C-060)',
    async (httpMethod) => {
      const body = jest.fn(EXCHANGE.body)
      expect(await receive({ ...EXCHANGE, httpMethod, body })).toEqual({
        ok: false,
        error: { era: 'legacy', refusal: { code: 'method_not_allowed' } },
      })
      expect(body).not.toHaveBeenCalled()
    },
  )
})
