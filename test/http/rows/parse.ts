import { MODERN_VERSIONS, SUPPORTED_VERSIONS } from '../../../src/mcp/versions.ts'
import { rpcError } from '../answers.ts'
import { as, BOTH, READ, type Row } from './row.ts'

export const PARSE: readonly Row[] = [
  {
    code: 'malformed_json',
    when: 'a key stands twice',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, raw: '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}' }),
    expected: () => ({ status: 400, body: { jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' } } }),
  },
  {
    code: 'invalid_request',
    when: 'it is a batch',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, raw: '[]' }),
    expected: () => ({
      status: 400,
      body: {
        jsonrpc: '2.0',
        error: { code: -32600, message: 'Invalid request: a batch is not served; send one message a request' },
      },
      cause: 'a batch is not served; send one message a request',
    }),
  },
  {
    code: 'invalid_request',
    when: 'it has a member of its own',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, raw: '{"jsonrpc":"2.0","id":"a","method":"ping","Method":"x"}' }),
    expected: () => ({
      status: 400,
      body: {
        jsonrpc: '2.0',
        id: 'a',
        error: { code: -32600, message: 'Invalid request: only jsonrpc, id, method and params may stand in a message' },
      },
      cause: 'only jsonrpc, id, method and params may stand in a message',
    }),
  },
  {
    code: 'invalid_envelope',
    when: 'the header is modern and the message is not',
    eras: ['modern'],
    send: (world, sent) => world.send({ ...sent, ...READ, params: { ...READ.params, _meta: {} } }),
    expected: () => ({
      status: 400,
      body: rpcError(-32602, 'Invalid request metadata: _meta lacks io.modelcontextprotocol/protocolVersion'),
      cause: '_meta lacks io.modelcontextprotocol/protocolVersion',
    }),
  },
  {
    code: 'header_mismatch',
    when: 'Mcp-Name names another tool',
    eras: ['modern'],
    send: (world, sent) => world.send({ ...sent, ...READ, headers: { 'mcp-name': 'listFiles' } }),
    expected: () => ({
      status: 400,
      body: rpcError(-32020, 'Header mismatch: Mcp-Name differs from params.name'),
      cause: 'Mcp-Name differs from params.name',
    }),
  },
  {
    code: 'header_mismatch',
    when: 'Mcp-Param-* differs from the argument',
    eras: ['modern'],
    send: async (world, sent) =>
      world.call(
        'route',
        { region: 'eu' },
        { ...sent, token: await as(world, 'ample'), headers: { 'mcp-param-region': 'us' } },
      ),
    expected: () => ({
      status: 400,
      body: rpcError(-32020, 'Header mismatch: mcp-param-region must mirror the arguments'),
      cause: 'mcp-param-region must mirror the arguments',
    }),
  },
  {
    code: 'unsupported_version',
    when: 'the version is not served',
    eras: BOTH,
    send: (world, sent, era) => {
      const meta = {
        'io.modelcontextprotocol/protocolVersion': '2099-01-01',
        'io.modelcontextprotocol/clientCapabilities': {},
      }
      const params = era === 'modern' ? { ...READ.params, _meta: meta } : READ.params
      return world.send({ ...sent, ...READ, params, headers: { 'mcp-protocol-version': '2099-01-01' } })
    },
    expected: (era) => ({
      status: 400,
      body: rpcError(-32022, 'Unsupported protocol version', {
        supported: era === 'modern' ? MODERN_VERSIONS : SUPPORTED_VERSIONS,
        requested: '2099-01-01',
      }),
      cause: '2099-01-01',
    }),
  },
  ...['tasks/list', 'tools/destroy'].map(
    (method): Row => ({
      code: 'method_not_found',
      when: `${method} is asked for`,
      eras: BOTH,
      send: (world, sent) => world.send({ ...sent, method, params: {} }),
      expected: (era) => ({ status: era === 'modern' ? 404 : 200, body: rpcError(-32601, 'Method not found') }),
    }),
  ),
]
