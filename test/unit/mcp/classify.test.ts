import { describe, expect, test } from '@jest/globals'
import { classify } from '../../../src/mcp/classify.ts'
import { METHODS } from '../../../src/mcp/methods.ts'
import type { McpCall, Unreadable } from '../../../src/model/call.ts'
import type { RefusalAt } from '../../../src/model/refusal.ts'

type Unclassified = Unreadable<RefusalAt<'parse'>>

const VERSION = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const MODERN = '2026-07-28'

type Members = Record<string, unknown>
type Headers = Record<string, string>

const META: Members = { [VERSION]: MODERN, [CAPABILITIES]: {} }
const request = (method: string, params?: Members): Members => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  ...(params !== undefined && { params }),
})
const modernRequest = (method: string, params: Members = {}) => request(method, { ...params, _meta: META })
const modernHeaders = (method: string, name?: string): Headers => ({
  'mcp-protocol-version': MODERN,
  'mcp-method': method,
  ...(name !== undefined && { 'mcp-name': name }),
})
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`
const read = (body: unknown, headers: Headers = {}) => classify(body, new Map(Object.entries(headers)), 99)

const accepted = (change: Partial<McpCall>) => ({
  ok: true,
  value: {
    era: 'legacy',
    protocolVersion: '2025-03-26',
    id: 1,
    method: 'tools/call',
    target: { type: 'server' },
    params: {},
    mirrored: new Map(),
    bytes: 99,
    ...change,
  },
})
const CALL = { name: 'readFile', arguments: { path: 'a' } }
const TOOL = { type: 'tool', ...CALL } as const
const modernCall = (change: Partial<McpCall> = {}) =>
  accepted({ era: 'modern', protocolVersion: MODERN, target: TOOL, params: { _meta: META } as never, ...change })

/** What an `initialize` must carry besides its version. */
const HELLO = { capabilities: {}, clientInfo: { name: 'c', version: '1' } }

describe('classify takes', () => {
  test.each<{ row: string; body: unknown; headers?: Headers; call: ReturnType<typeof accepted> }>([
    {
      row: 'legacy/call without a version header',
      body: request('tools/call', CALL),
      call: accepted({ target: TOOL }),
    },
    {
      row: 'legacy/call with a version header',
      body: request('tools/call', CALL),
      headers: { 'mcp-protocol-version': '2025-11-25' },
      call: accepted({ protocolVersion: '2025-11-25', target: TOOL }),
    },
    {
      row: 'legacy/lying Mcp-Method, Mcp-Name and Mcp-Param headers are ignored (C-041)',
      body: request('tools/call', CALL),
      headers: { 'mcp-method': 'tools/list', 'mcp-name': 'secret', 'mcp-param-path': 'b' },
      call: accepted({ target: TOOL }),
    },
    {
      row: 'legacy/call without arguments has none',
      body: request('tools/call', { name: 'readFile' }),
      call: accepted({ target: { type: 'tool', name: 'readFile', arguments: {} } }),
    },
    {
      row: 'legacy/the progress token goes on; a task, what we do not know, name and arguments do not',
      body: request('tools/call', { ...CALL, task: { ttl: 1 }, _meta: { progressToken: 7, 'x.example/a': [1] } }),
      call: accepted({ target: TOOL, params: { _meta: { progressToken: 7 } } }),
    },
    {
      row: 'legacy/initialize with a version that is served',
      body: request('initialize', { protocolVersion: '2024-11-05', ...HELLO }),
      call: accepted({
        method: 'initialize',
        protocolVersion: '2024-11-05',
        params: { protocolVersion: '2024-11-05', ...HELLO },
      }),
    },
    {
      row: 'legacy/initialize with a version nobody knows is answered with the newest legacy one',
      body: request('initialize', { protocolVersion: '1999-01-01', ...HELLO }),
      call: accepted({
        method: 'initialize',
        protocolVersion: '2025-11-25',
        params: { protocolVersion: '1999-01-01', ...HELLO },
      }),
    },
    {
      row: 'legacy/initialize that asks for the modern version',
      body: request('initialize', { protocolVersion: MODERN, ...HELLO }),
      call: accepted({
        method: 'initialize',
        protocolVersion: '2025-11-25',
        params: { protocolVersion: MODERN, ...HELLO },
      }),
    },
    {
      row: 'legacy/initialize leaves unknown params behind',
      body: request('initialize', { protocolVersion: '2025-06-18', ...HELLO, evil: 1 }),
      call: accepted({
        method: 'initialize',
        protocolVersion: '2025-06-18',
        params: { protocolVersion: '2025-06-18', ...HELLO },
      }),
    },
    { row: 'legacy/ping', body: request('ping'), call: accepted({ method: 'ping' }) },
    {
      row: 'legacy/list with a cursor',
      body: request('tools/list', { cursor: 'c', evil: 1 }),
      call: accepted({ method: 'tools/list', target: { type: 'tools', cursor: 'c' } }),
    },
    {
      row: 'legacy/string id',
      body: { ...request('ping'), id: 'x'.repeat(256) },
      call: accepted({ method: 'ping', id: 'x'.repeat(256) }),
    },
    { row: 'legacy/id 0', body: { ...request('ping'), id: 0 }, call: accepted({ method: 'ping', id: 0 }) },
    { row: 'legacy/empty id', body: { ...request('ping'), id: '' }, call: accepted({ method: 'ping', id: '' }) },
    {
      row: 'legacy/tools named like members of Object.prototype',
      body: request('tools/call', { name: '__proto__' }),
      call: accepted({ target: { type: 'tool', name: '__proto__', arguments: {} } }),
    },
    {
      row: 'legacy/tool name of 256 characters',
      body: request('tools/call', { name: 'x'.repeat(256) }),
      call: accepted({ target: { type: 'tool', name: 'x'.repeat(256), arguments: {} } }),
    },
    {
      row: 'legacy/notification',
      body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5, _meta: { a: 1 } } },
      call: { ok: true, value: withoutId({ method: 'notifications/cancelled', params: { _meta: {} } }) } as never,
    },
    {
      row: 'legacy/notification that nobody knows',
      body: { jsonrpc: '2.0', method: 'notifications/x' },
      call: { ok: true, value: withoutId({ method: 'notifications/x' }) } as never,
    },
    {
      row: 'modern/call',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', 'readFile'),
      call: modernCall(),
    },
    {
      row: 'modern/Mcp-Param headers are kept to be compared, others are not',
      body: modernRequest('tools/call', CALL),
      headers: { ...modernHeaders('tools/call', 'readFile'), 'mcp-param-region': 'eu', 'mcp-session-id': 's' },
      call: modernCall({ mirrored: new Map([['mcp-param-region', 'eu']]) }),
    },
    {
      row: 'modern/Mcp-Name as base64',
      body: modernRequest('tools/call', { name: 'reаd' }),
      headers: modernHeaders('tools/call', base64('reаd')),
      call: modernCall({ target: { type: 'tool', name: 'reаd', arguments: {} } }),
    },
    {
      row: 'modern/Mcp-Name as base64 of ASCII',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', base64('readFile')),
      call: modernCall(),
    },
    {
      row: 'modern/list needs no Mcp-Name',
      body: modernRequest('tools/list'),
      headers: modernHeaders('tools/list'),
      call: modernCall({ method: 'tools/list', target: { type: 'tools' } }),
    },
    {
      row: 'modern/discover',
      body: modernRequest('server/discover'),
      headers: modernHeaders('server/discover'),
      call: modernCall({ method: 'server/discover', target: { type: 'server' } }),
    },
    {
      row: 'modern/notification by its header alone',
      body: { jsonrpc: '2.0', method: 'notifications/cancelled' },
      headers: { 'mcp-protocol-version': MODERN },
      call: {
        ok: true,
        value: withoutId({ era: 'modern', protocolVersion: MODERN, method: 'notifications/cancelled' }),
      } as never,
    },
    {
      row: 'modern/notification by its envelope alone',
      body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { _meta: { [VERSION]: MODERN } } },
      call: {
        ok: true,
        value: withoutId({
          era: 'modern',
          protocolVersion: MODERN,
          method: 'notifications/cancelled',
          params: { _meta: META as never },
        }),
      } as never,
    },
  ])('$row', ({ body, headers, call }) => {
    expect(read(body, headers)).toStrictEqual(call)
  })
})

function withoutId(change: Partial<McpCall>): Omit<McpCall, 'id'> {
  const { id: _, ...value } = accepted(change).value
  return value as Omit<McpCall, 'id'>
}

const invalid = (detail: string, about: Partial<Unclassified> = {}): Unclassified => ({
  refusal: { code: 'invalid_request', detail },
  era: 'legacy',
  ...about,
})
const CLOSED = 'only jsonrpc, id, method and params may stand in a message'
const BATCH = 'a batch is not served; send one message a request'
const BAD_ID = 'id must be a string or an integer'

describe('classify refuses what is no single JSON-RPC request', () => {
  test.each<{ row: string; body: unknown; headers?: Headers; error: Unclassified }>([
    { row: 'batch/two calls (C-001, C-002)', body: [request('ping'), request('ping')], error: invalid(BATCH) },
    { row: 'batch/one call', body: [request('ping')], error: invalid(BATCH) },
    { row: 'batch/empty (C-003)', body: [], error: invalid(BATCH) },
    {
      row: 'batch/modern',
      body: [request('ping')],
      headers: { 'mcp-protocol-version': MODERN },
      error: invalid(BATCH, { era: 'modern' }),
    },
    { row: 'body/null', body: null, error: invalid('the body must be one JSON-RPC object') },
    { row: 'body/string', body: 'ping', error: invalid('the body must be one JSON-RPC object') },
    { row: 'body/number', body: 1, error: invalid('the body must be one JSON-RPC object') },
    { row: 'body/empty object', body: {}, error: invalid('jsonrpc must be "2.0"') },
    { row: 'member/evil (C-015)', body: { ...request('ping'), evil: 1 }, error: invalid(CLOSED, { id: 1 }) },
    { row: 'member/Method (C-014)', body: { ...request('ping'), Method: 'x' }, error: invalid(CLOSED, { id: 1 }) },
    { row: 'member/folded paramſ', body: { ...request('ping'), paramſ: {} }, error: invalid(CLOSED, { id: 1 }) },
    { row: 'response/result (C-009)', body: { jsonrpc: '2.0', id: 1, result: {} }, error: invalid(CLOSED, { id: 1 }) },
    {
      row: 'response/error',
      body: { jsonrpc: '2.0', id: 1, error: { code: 1, message: '' } },
      error: invalid(CLOSED, { id: 1 }),
    },
    {
      row: 'jsonrpc/1.0',
      body: { ...request('ping'), jsonrpc: '1.0' },
      error: invalid('jsonrpc must be "2.0"', { id: 1 }),
    },
    {
      row: 'jsonrpc/number',
      body: { ...request('ping'), jsonrpc: 2 },
      error: invalid('jsonrpc must be "2.0"', { id: 1 }),
    },
    { row: 'id/null', body: { ...request('ping'), id: null }, error: invalid(BAD_ID) },
    { row: 'id/fractional', body: { ...request('ping'), id: 1.5 }, error: invalid(BAD_ID) },
    { row: 'id/beyond 2^53', body: { ...request('ping'), id: 2 ** 53 }, error: invalid(BAD_ID) },
    { row: 'id/object', body: { ...request('ping'), id: {} }, error: invalid(BAD_ID) },
    { row: 'id/boolean', body: { ...request('ping'), id: true }, error: invalid(BAD_ID) },
    { row: 'id/string of 257 characters', body: { ...request('ping'), id: 'x'.repeat(257) }, error: invalid(BAD_ID) },
    {
      row: 'method/absent',
      body: { jsonrpc: '2.0', id: 1 },
      error: invalid('method must be a string', { id: 1 }),
    },
    {
      row: 'method/array',
      body: { ...request('ping'), method: ['ping'] },
      error: invalid('method must be a string', { id: 1 }),
    },
    {
      row: 'params/array',
      body: { ...request('ping'), params: [] },
      error: invalid('params must be an object', { id: 1 }),
    },
    {
      row: 'params/null',
      body: { ...request('ping'), params: null },
      error: invalid('params must be an object', { id: 1 }),
    },
    {
      row: 'params/string',
      body: { ...request('ping'), params: 'x' },
      error: invalid('params must be an object', { id: 1 }),
    },
    {
      row: '_meta/string',
      body: request('ping', { _meta: 'x' }),
      error: invalid('_meta must be an object', { id: 1 }),
    },
    {
      row: '_meta/progress token of no known type',
      body: request('ping', { _meta: { progressToken: { a: 1 } } }),
      error: invalid('progressToken must be a string or an integer', { id: 1 }),
    },
    {
      row: '_meta/null',
      body: request('ping', { _meta: null }),
      error: invalid('_meta must be an object', { id: 1 }),
    },
    {
      row: 'notification/tools/call without an id (C-007)',
      body: { jsonrpc: '2.0', method: 'tools/call', params: CALL },
      error: invalid('a request needs an id'),
    },
    {
      row: 'notification/with an id',
      body: request('notifications/initialized'),
      error: invalid('a notification has no id', { id: 1 }),
    },
  ])('$row', ({ body, headers, error }) => {
    expect(read(body, headers)).toStrictEqual({ ok: false, error })
  })
})

const refused = (refusal: Unclassified['refusal'], about: Partial<Unclassified> = {}): Unclassified => ({
  refusal,
  era: 'modern',
  id: 1,
  method: 'tools/call',
  ...about,
})
const mismatch = (detail: string, about: Partial<Unclassified> = {}) =>
  refused({ code: 'header_mismatch', detail }, about)
const NAME_DIFFERS = 'Mcp-Name differs from params.name'

describe('classify refuses a wrong version, envelope or header', () => {
  const withMeta = (meta: Members) => request('tools/call', { ...CALL, _meta: meta })
  const headers = modernHeaders('tools/call', 'readFile')
  const { 'mcp-method': _method, ...withoutMethod } = headers
  const { 'mcp-name': _name, ...withoutName } = headers
  const { 'mcp-protocol-version': _version, ...withoutVersion } = headers

  test.each<{ row: string; body: unknown; headers: Headers; error: Unclassified }>([
    {
      row: 'version/modern header without an envelope',
      body: request('tools/call', CALL),
      headers,
      error: refused({ code: 'invalid_envelope', detail: `_meta lacks ${VERSION}` }),
    },
    {
      row: 'version/modern header with a _meta that lacks it',
      body: withMeta({ [CAPABILITIES]: {} }),
      headers,
      error: refused({ code: 'invalid_envelope', detail: `_meta lacks ${VERSION}` }),
    },
    {
      row: 'version/number in the envelope',
      body: withMeta({ ...META, [VERSION]: 1 }),
      headers,
      error: refused({ code: 'invalid_envelope', detail: `${VERSION} must be a string` }),
    },
    {
      row: 'version/envelope without the header',
      body: withMeta(META),
      headers: withoutVersion,
      error: mismatch('MCP-Protocol-Version is missing'),
    },
    {
      row: 'version/modern header, legacy envelope (C-043)',
      body: withMeta({ ...META, [VERSION]: '2025-11-25' }),
      headers,
      error: mismatch('MCP-Protocol-Version differs from _meta'),
    },
    {
      row: 'version/legacy header, modern envelope',
      body: withMeta(META),
      headers: { ...headers, 'mcp-protocol-version': '2025-11-25' },
      error: mismatch('MCP-Protocol-Version differs from _meta'),
    },
    {
      row: 'version/unknown in both',
      body: withMeta({ ...META, [VERSION]: '2099-01-01' }),
      headers: { ...headers, 'mcp-protocol-version': '2099-01-01' },
      error: refused({ code: 'unsupported_version', requested: '2099-01-01' }),
    },
    {
      row: 'version/legacy one in an envelope',
      body: withMeta({ ...META, [VERSION]: '2025-11-25' }),
      headers: { ...headers, 'mcp-protocol-version': '2025-11-25' },
      error: refused({ code: 'unsupported_version', requested: '2025-11-25' }),
    },
    {
      row: 'version/unknown header on the legacy wire',
      body: request('tools/call', CALL),
      headers: { 'mcp-protocol-version': '2099-01-01' },
      error: refused({ code: 'unsupported_version', requested: '2099-01-01' }, { era: 'legacy' }),
    },
    {
      row: 'version/empty header on the legacy wire',
      body: request('tools/call', CALL),
      headers: { 'mcp-protocol-version': '' },
      error: refused({ code: 'unsupported_version', requested: '' }, { era: 'legacy' }),
    },
    {
      row: 'envelope/no clientCapabilities',
      body: withMeta({ [VERSION]: MODERN }),
      headers,
      error: refused({ code: 'invalid_envelope', detail: `_meta lacks ${CAPABILITIES}` }),
    },
    {
      row: 'envelope/clientCapabilities is an array',
      body: withMeta({ ...META, [CAPABILITIES]: [] }),
      headers,
      error: refused({ code: 'invalid_envelope', detail: `_meta lacks ${CAPABILITIES}` }),
    },
    {
      row: 'header/Mcp-Method missing (C-037)',
      body: modernRequest('tools/call', CALL),
      headers: withoutMethod,
      error: mismatch('Mcp-Method is missing'),
    },
    {
      row: 'header/Mcp-Method differs',
      body: modernRequest('tools/call', CALL),
      headers: { ...headers, 'mcp-method': 'tools/list' },
      error: mismatch('Mcp-Method differs from the method'),
    },
    {
      row: 'header/Mcp-Method in upper case',
      body: modernRequest('tools/call', CALL),
      headers: { ...headers, 'mcp-method': 'TOOLS/CALL' },
      error: mismatch('Mcp-Method differs from the method'),
    },
    {
      row: 'header/Mcp-Name missing (C-037)',
      body: modernRequest('tools/call', CALL),
      headers: withoutName,
      error: mismatch('Mcp-Name is missing'),
    },
    {
      row: 'header/Mcp-Name differs (C-038)',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', 'secret'),
      error: mismatch(NAME_DIFFERS),
    },
    {
      row: 'header/Mcp-Name in another case',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', 'READFILE'),
      error: mismatch(NAME_DIFFERS),
    },
    {
      row: 'header/Mcp-Name is base64 of another name',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', base64('secret')),
      error: mismatch(NAME_DIFFERS),
    },
    {
      row: 'header/Mcp-Name is bad base64',
      body: modernRequest('tools/call', CALL),
      headers: modernHeaders('tools/call', '=?base64?!!!?='),
      error: mismatch(NAME_DIFFERS),
    },
    {
      row: 'header/Mcp-Name of a sentinel that the body spells out',
      body: modernRequest('tools/call', { name: base64('readFile') }),
      headers: modernHeaders('tools/call', base64('readFile')),
      error: mismatch(NAME_DIFFERS),
    },
    {
      row: 'header/Mcp-Name mirrors the uri of resources/read',
      body: modernRequest('resources/read', { uri: 'file:///a' }),
      headers: modernHeaders('resources/read', 'file:///b'),
      error: mismatch('Mcp-Name differs from params.uri', { method: 'resources/read' }),
    },
    {
      row: 'header/Mcp-Name mirrors the taskId of tasks/get',
      body: modernRequest('tasks/get', { taskId: '1' }),
      headers: modernHeaders('tasks/get', '2'),
      error: mismatch('Mcp-Name differs from params.taskId', { method: 'tasks/get' }),
    },
  ])('$row', ({ body, headers, error }) => {
    expect(read(body, headers)).toStrictEqual({ ok: false, error })
  })
})

describe('classify refuses a tools/call', () => {
  const closed = 'only name, arguments and _meta may stand in params'
  test.each<{ row: string; params: Members; detail: string }>([
    { row: 'without a name', params: {}, detail: 'name must be a string' },
    { row: 'with an empty name', params: { name: '' }, detail: 'name must be a string' },
    { row: 'with a number for a name', params: { name: 1 }, detail: 'name must be a string' },
    { row: 'with a name of 257 characters', params: { name: 'x'.repeat(257) }, detail: 'name must be a string' },
    { row: 'with arguments null', params: { name: 'a', arguments: null }, detail: 'arguments must be an object' },
    { row: 'with an array of arguments', params: { name: 'a', arguments: [] }, detail: 'arguments must be an object' },
    { row: 'with another parameter', params: { ...CALL, evil: 1 }, detail: closed },
    { row: 'with a parameter in another case', params: { ...CALL, Name: 'b' }, detail: closed },
    {
      row: 'with a requestState (C-078)',
      params: { ...CALL, requestState: 'x' },
      detail: 'requestState answers no request of this server',
    },
    {
      row: 'with inputResponses (C-079)',
      params: { ...CALL, inputResponses: {} },
      detail: 'inputResponses answers no request of this server',
    },
  ])('$row', ({ params, detail }) => {
    const about = { era: 'legacy', id: 1, method: 'tools/call' } as const
    expect(read(request('tools/call', params))).toStrictEqual({ ok: false, error: invalid(detail, about) })
  })
})

const NOT_FOUND = { code: 'method_not_found' } as const

const PROMPT = { type: 'ref/prompt', name: 'n' }
const completing = (params: object, detail: string) => ({
  method: 'completion/complete',
  params: { argument: { name: 'a', value: '' }, ...params },
  detail,
})

describe('classify refuses params that the SDK would answer with texts of its own', () => {
  test.each([
    { method: 'initialize', params: {}, detail: 'protocolVersion must be a string' },
    { method: 'initialize', params: { protocolVersion: '2025-11-25' }, detail: 'capabilities must be an object' },
    {
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c' } },
      detail: 'clientInfo must have a name and a version',
    },
    { method: 'tools/list', params: { cursor: 1 }, detail: 'cursor must be a string' },
    { method: 'resources/read', params: { uri: 5 }, detail: 'uri must be a string' },
    { method: 'completion/complete', params: { argument: {} }, detail: 'ref and argument must be objects' },
    { method: 'completion/complete', params: { ref: {} }, detail: 'ref and argument must be objects' },
    completing({ ref: PROMPT, argument: { value: '' } }, 'argument.name must be a string'),
    completing({ ref: PROMPT, argument: { name: 'a' } }, 'argument.value must be a string'),
    completing({ ref: PROMPT, argument: { name: 'a', value: 'x'.repeat(1025) } }, 'argument.value must be a string'),
    completing({ ref: PROMPT, context: { arguments: { b: 1 } } }, 'context.arguments must be an object of strings'),
    ...[
      { type: 'ref/prompt' },
      { type: 'ref/tool', name: 'n' },
      { name: 'n' },
      { type: 'ref/resource', name: 'n' },
    ].map((ref) => completing({ ref }, 'ref must be a ref/prompt with a name or a ref/resource with a uri')),
  ])('$method: $detail', ({ method, params, detail }) => {
    const error = { refusal: { code: 'invalid_request', detail }, era: 'legacy', id: 1, method }
    expect(read(request(method, params))).toStrictEqual({ ok: false, error })
  })
})

test.each(['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'])(
  'a subscription to %s alone',
  (change) => {
    const method = 'subscriptions/listen'
    const listened = read(
      modernRequest(method, { notifications: { [change]: true, resourceSubscriptions: ['test://a'] } }),
      modernHeaders(method),
    )
    const none = { toolsListChanged: false, promptsListChanged: false, resourcesListChanged: false }
    expect(listened.ok && listened.value.target).toStrictEqual({
      type: 'subscription',
      filter: { ...none, [change]: true, uris: ['test://a'] },
    })
  },
)

describe('classify finds no method', () => {
  test.each([
    'TOOLS/CALL',
    'tools/call ',
    'tools/call\u0000',
    'tools//call',
    'ｔools/call',
    '__proto__',
    'constructor',
    'toString',
    '',
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'rpc.discover',
  ])('%j (C-020, C-021)', (method) => {
    const error = { refusal: NOT_FOUND, era: 'legacy', id: 1, method }
    expect(read(request(method, CALL))).toStrictEqual({ ok: false, error })
    expect(read(modernRequest(method), modernHeaders(method))).toStrictEqual({
      ok: false,
      error: { ...error, era: 'modern' },
    })
  })

  const NAMED: Record<string, unknown> = { taskId: 'n', protocolVersion: '2025-11-25', ...HELLO, level: 'info' }
  const OWN: Record<string, Record<string, unknown>> = {
    'tools/call': { name: 'n' },
    'prompts/get': { name: 'n' },
    'resources/read': { uri: 'n' },
    'completion/complete': { ref: { type: 'ref/prompt', name: 'n' }, argument: { name: 'a', value: '' } },
    'subscriptions/listen': { notifications: {} },
  }
  const wires = [...METHODS].flatMap(([method, { eras, target }]) =>
    (['legacy', 'modern'] as const).map((era) => ({
      method,
      era,
      found: eras.includes(era) && target !== 'unoffered',
    })),
  )
  test.each(wires)('$method on the $era wire: found is $found', ({ method, era, found }) => {
    const params = OWN[method] ?? NAMED
    const named = METHODS.get(method)?.named === undefined ? undefined : 'n'
    const result =
      era === 'legacy'
        ? read(request(method, params))
        : read(modernRequest(method, params), modernHeaders(method, named))
    if (found) expect(result).toMatchObject({ ok: true, value: { era, method } })
    else expect(result).toStrictEqual({ ok: false, error: { refusal: NOT_FOUND, era, id: 1, method } })
  })
})
