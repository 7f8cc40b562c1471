import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { Type } from 'typebox'
import { defineTool } from '../../src/index.ts'
import { ok } from '../../src/lib/result.ts'
import { attacksOn } from './attack.ts'
import {
  completed,
  contentOf,
  expectAnswer,
  invalidArguments,
  invalidRequest,
  legacyMethodNotFound,
  methodNotFound,
  PARSE_ERROR,
  readable,
  rpcError,
  unknownTool,
} from './expected.ts'
import { META, type Scene } from './scene.ts'
import { CANARY, CONTENT } from './server.ts'

const CLOSED = 'only jsonrpc, id, method and params may stand in a message'
const NO_BATCH = invalidRequest('a batch is not served; send one message a request')

const callOf = (name: string, args: object = { path: 'public/ok.txt' }, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})
const modern = (message: { params: object }) => ({ ...message, params: { ...message.params, _meta: META } })
const modernHeaders = (method: string, name?: string) =>
  [
    ['MCP-Protocol-Version', '2026-07-28'],
    ['Mcp-Method', method],
    ...(name === undefined ? [] : [['Mcp-Name', name] as const]),
  ] as const

async function listed(scene: Scene, as = scene.attacker): Promise<readonly string[]> {
  const { body } = await scene.rpc('tools/list', {}, { as })
  const { result } = JSON.parse(body) as { result: { tools: readonly { name: string }[] } }
  return result.tools.map(({ name }) => name)
}

describe('messages', () => {
  const attack = attacksOn()
  const hidden = callOf('writeFile', { path: 'public/pwned', content: 'x' }, 2)
  const notWritten = ({ server }: Scene) => expect(existsSync(join(server.workspace, 'public/pwned'))).toBe(false)

  attack('C-001', async (scene) => {
    const batch = JSON.stringify([modern(callOf('readFile')), modern(hidden)])
    expectAnswer(await scene.post(batch, { headers: modernHeaders('tools/call', 'readFile') }), NO_BATCH)
    notWritten(scene)
  })

  attack('C-002', async (scene) => {
    for (const version of ['2025-03-26', '2025-11-25']) {
      const headers = [['MCP-Protocol-Version', version]] as const
      expectAnswer(await scene.post(JSON.stringify([callOf('readFile'), hidden]), { headers }), NO_BATCH)
      expectAnswer(await scene.post('[]', { headers }), NO_BATCH)
    }
    notWritten(scene)
  })

  attack('C-004', async (scene) => {
    expectAnswer(await scene.post(JSON.stringify([callOf('readFile'), callOf('readFile')])), NO_BATCH)
  })

  attack('C-007', async (scene) => {
    const { id: _, ...message } = { ...callOf('readFile') }
    const needed = invalidRequest('a request needs an id')
    expectAnswer(await scene.post(JSON.stringify(message)), needed)
    const headers = modernHeaders('tools/call', 'readFile')
    expectAnswer(await scene.post(JSON.stringify(modern(message)), { headers }), needed)
  })

  attack('C-011', async (scene) => {
    const bodies = [
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"writeFile","arguments":{"n":1}}}',
      '{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","name":"writeFile","arguments":{}}}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{},"params":{"name":"readFile","arguments":{}}}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"public/ok.txt","path":"private/k"}}}',
    ]
    for (const body of bodies) expectAnswer(await scene.post(body), PARSE_ERROR)
  })

  attack('C-013', async (scene) => {
    const bodies = [
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","n\\u0061me":"writeFile","arguments":{}}}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"public/ok.txt","p\\u0061th":"private/k"}}}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","\\u006dethod":"tools/call"}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"\\/":1,"/":2}}}',
    ]
    for (const body of bodies) expectAnswer(await scene.post(body), PARSE_ERROR)
  })

  attack('C-014', async (scene) => {
    for (const key of ['Method', 'METHOD', 'paramſ', 'PARAMS', 'method ', 'result', 'error', 'Id']) {
      const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', [key]: 'tools/call' }
      expectAnswer(await scene.post(JSON.stringify(message)), invalidRequest(CLOSED, 1))
    }
    const inside = { ...callOf('readFile'), params: { name: 'readFile', Name: 'writeFile', arguments: {} } }
    const open = invalidRequest('only name, arguments and _meta may stand in params', 1)
    expectAnswer(await scene.post(JSON.stringify(inside)), open)
  })

  attack('C-016', async (scene) => {
    const proto = '"__proto__":{"admin":true}'
    const bodies = [
      `{"jsonrpc":"2.0","id":1,"method":"tools/list",${proto}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile",${proto},"arguments":{}}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"a",${proto}}}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{${proto}}}}`,
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","\\u005f_proto__":{}}',
    ]
    for (const body of bodies) expectAnswer(await scene.post(body), PARSE_ERROR)
    const args = { path: 'public/ok.txt', constructor: { prototype: { admin: true } } }
    const unknown = invalidArguments([['/constructor', 'is not an argument of this tool']])
    for (let n = 0; n < 20; n++) expectAnswer(await scene.call('readFile', args), unknown)
    expect('admin' in {}).toBe(false)
  })

  attack('C-018', async (scene) => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__']
    for (const name of names) {
      expectAnswer(await scene.call(name, {}), unknownTool(name))
      expectAnswer(await scene.legacyCall(name, {}), unknownTool(name))
    }
  })

  attack('C-021', async (scene) => {
    const legacy = [
      'TOOLS/CALL',
      'tools/call ',
      ' tools/call',
      'tools/call\u0000',
      'tools//call',
      'ｔools/call',
      'tools/',
      '',
      '*',
      '__proto__',
    ]
    const params = { name: 'readFile', arguments: { path: 'public/ok.txt' } }
    for (const method of legacy) expectAnswer(await scene.legacy(method, params), legacyMethodNotFound())
    for (const method of ['TOOLS/CALL', 'tools//call', 'tools/Call', '__proto__', '*']) {
      expectAnswer(await scene.rpc(method, params, { headers: [['Mcp-Name', 'readFile']] }), methodNotFound())
    }
  })

  attack('C-023', async (scene) => {
    const legacy = ['tasks/list', 'tasks/result', 'resources/subscribe', 'resources/unsubscribe']
    const params = { taskId: 't', name: 'n', uri: 'file:///x', ref: { type: 'ref/prompt', name: 'n' }, level: 'debug' }
    const named = { 'tasks/get': 't', 'tasks/cancel': 't' }
    const modern = ['server/discover', 'subscriptions/listen', 'tasks/update']
    for (const method of [...legacy, ...Object.keys(named), ...modern]) {
      expectAnswer(await scene.legacy(method, params), legacyMethodNotFound())
    }
    for (const method of [...legacy, 'logging/setLevel', 'initialize', 'ping', 'elicitation/create']) {
      expectAnswer(await scene.rpc(method, params), methodNotFound())
    }
    for (const [method, name] of [...Object.entries(named), ['tasks/update', 't'] as const]) {
      expectAnswer(await scene.rpc(method, params, { headers: [['Mcp-Name', name]] }), methodNotFound())
    }
  })

  attack('C-025', async (scene) => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const body = (args: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":${args}}}`
    expectAnswer(await scene.post(body(`{"x":${deep}}`)), PARSE_ERROR)
    expectAnswer(await scene.post(body('{"x":'.repeat(100_000))), PARSE_ERROR)
    expectAnswer(await scene.post('['.repeat(1_000_000)), PARSE_ERROR)
  })

  attack('C-035', async (scene) => {
    for (const body of NOT_JSON) expectAnswer(await scene.post(body), PARSE_ERROR)
    for (const body of NOT_MESSAGES)
      expectAnswer(await scene.post(body), invalidRequest('the body must be one JSON-RPC object'))
  })

  attack(
    'C-062',
    async (scene) => {
      const names = [
        're\u0430dFile',
        '\uff52eadFile',
        'READFILE',
        'ReadFile',
        'readfile',
        'readFile ',
        ' readFile',
        'readFile\u200b',
        'readFile\u0000',
        'read\u00adFile',
        'readFi\u212ae',
        'readFile\n',
        'readFile.',
        'files/readFile',
      ]
      for (const name of names) {
        expectAnswer(await scene.legacyCall(name, { path: 'public/ok.txt' }), unknownTool(name))
        if (/^[A-Za-z]+$/.test(name)) continue
        expect(() => toolNamed(name)).toThrow(`defineTool ${JSON.stringify(name)}:\n  name: 1 to 64 of`)
      }
      expect(toolNamed('readFile-2').name).toBe('readFile-2')
    },
    { roles: ['admin'] },
  )

  attack(
    'C-064',
    async (scene) => {
      const cases: readonly (readonly [tool: string, args: object, pointer: string, expected: string])[] = [
        ['readFile', { path: 5 }, '/path', 'must be string'],
        ['readFile', { path: 'public/ok.txt', length: '5' }, '/length', 'must be integer'],
        ['readFile', { path: 'public/ok.txt', offset: 1.5 }, '/offset', 'must be integer'],
        ['readFile', { path: 'public/ok.txt', offset: true }, '/offset', 'must be integer'],
        ['readFile', { path: 'public/ok.txt', length: null }, '/length', 'must be integer'],
        [
          'readFile',
          { path: 'public/ok.txt', encoding: 'UTF8' },
          '/encoding',
          'must be one of the values in the schema',
        ],
        ['listFiles', { depth: 'true' }, '/depth', 'must be integer'],
        ['listFiles', { limit: ['5'] }, '/limit', 'must be integer'],
        ['writeFile', { path: 'public/c', content: 'x', overwrite: 'true' }, '/overwrite', 'must be boolean'],
        ['writeFile', { path: 'public/c', content: ['x'] }, '/content', 'must be string'],
      ]
      for (const [tool, args, pointer, expected] of cases) {
        expectAnswer(await scene.call(tool, args), invalidArguments([[pointer, expected]]))
      }
      const part = completed({ content: CONTENT.slice(2, 5), encoding: 'utf8', size: CONTENT.length, next_offset: 5 })
      expectAnswer(await scene.call('readFile', { path: 'public/ok.txt', offset: 2, length: 3.0 }), part)
    },
    { roles: ['user'] },
  )

  attack('C-072', async (scene) => {
    const uris = [
      'file:///srv/a/../../etc/passwd',
      'file://host/x',
      'FILE:///etc/passwd',
      'file:/srv/a/%2e%2e/x',
      'file://user@/x',
      'file:///x#frag',
      'data:,x',
      'public/ok.txt',
      '',
    ]
    for (const uri of uris) {
      const notFound = (code: number) => rpcError(200, code, `Resource not found: ${uri}`, 1, { uri })
      const empty = invalidRequest('uri must be a string', 1)
      expectAnswer(await scene.legacy('resources/read', { uri }), uri === '' ? empty : notFound(-32002))
      const mirrored = uri === '' ? '=?base64??=' : uri
      const answer = await scene.rpc('resources/read', { uri }, { headers: [['Mcp-Name', mirrored]] })
      expectAnswer(answer, uri === '' ? empty : notFound(-32602))
    }
  })

  attack('C-074', async (scene) => {
    const unknown = 'wriieFile'
    const args: readonly unknown[] = [
      { path: 'public/x', content: 'x' },
      { path: '../x' },
      {},
      { path: 5, extra: 1 },
      { path: 'private/k', content: CANARY },
    ]
    const bytesOf = async (name: string, sent: unknown, era: 'call' | 'legacyCall') => {
      const from = scene.seen().received.length
      await scene[era](name, sent)
      return scene
        .seen()
        .received.slice(from)
        .replaceAll(name, 'NAME')
        .replace(/^Date: .*$/m, 'Date')
    }
    for (const era of ['call', 'legacyCall'] as const) {
      for (const sent of args) expect(await bytesOf('writeFile', sent, era)).toBe(await bytesOf(unknown, sent, era))
      expect(readable(await scene[era]('writeFile', undefined))).toEqual(unknownTool('writeFile'))
      const malformed = invalidRequest('arguments must be an object', 1)
      for (const name of ['writeFile', unknown]) expectAnswer(await scene[era](name, 'x'), malformed)
    }
  })

  attack('C-075', async (scene) => {
    const tools = ['readFile', 'listFiles', 'searchFiles', 'writeFile', 'nothing']
    const everyRoles = [['readonly'], ['user'], ['admin'], ['nobody'], [], ['readonly', 'user']]
    for (const [n, roles] of everyRoles.entries()) {
      const as = await scene.caller({ sub: `roles-${n}`, roles })
      const shown = await listed(scene, as)
      for (const tool of tools) {
        const isUnknown = JSON.stringify(readable(await scene.call(tool, { odd: 1 }, { as }))).includes(
          '"Unknown tool: ',
        )
        expect({ roles, tool, callable: !isUnknown }).toEqual({ roles, tool, callable: shown.includes(tool) })
      }
    }
  })

  attack('C-077', async (scene) => {
    const admin = await scene.caller({ sub: 'admin-77', roles: ['admin'] })
    for (const [as, names] of [
      [admin, ['readFile', 'listFiles', 'searchFiles', 'writeFile']],
      [scene.attacker, ['readFile', 'listFiles']],
    ] as const) {
      const answer = await scene.rpc('tools/list', {}, { as })
      expect(answer.headers['cache-control']).toBe('no-store')
      const { result } = JSON.parse(answer.body)
      expect({ ...result, tools: result.tools.map(({ name }: { name: string }) => name) }).toMatchObject({
        tools: names,
        cacheScope: 'private',
        ttlMs: 0,
      })
    }
  })

  attack('C-078', async (scene) => {
    const onLegacy = invalidRequest('requestState answers no request of this server', 1)
    for (const requestState of ['', 'eyJhbGciOiJub25lIn0', { id: 1 }, null, 'x'.repeat(10_000)]) {
      const params = { name: 'readFile', arguments: { path: 'public/ok.txt' }, requestState }
      const refused = typeof requestState === 'string' ? FOREIGN : invalidRequest('requestState must be a string', 1)
      expectAnswer(await scene.rpc('tools/call', params, { headers: [['Mcp-Name', 'readFile']] }), refused)
      expectAnswer(await scene.legacy('tools/call', params), onLegacy)
    }
  })

  attack(
    'C-079',
    async (scene) => {
      const inputResponses = {
        approve: { method: 'elicitation/create', result: { action: 'accept', content: { ok: true } } },
      }
      const params = { name: 'writeFile', arguments: { path: 'public/pwned', content: 'x' }, inputResponses }
      expectAnswer(await scene.rpc('tools/call', params, { headers: [['Mcp-Name', 'writeFile']] }), FOREIGN)
      const withState = { requestState: 'x', ...params }
      expectAnswer(await scene.rpc('tools/call', withState, { headers: [['Mcp-Name', 'writeFile']] }), FOREIGN)
      notWritten(scene)
      expectAnswer(await scene.call('readFile', { path: 'public/ok.txt' }), contentOf(CONTENT))
    },
    { roles: ['user'] },
  )
})

const FOREIGN = rpcError(
  200,
  -32602,
  'What came back answers nothing that this server asked you for, or it came too late',
  1,
)

const toolNamed = (name: string) =>
  defineTool({
    name,
    title: 't',
    description: 'd',
    input: Type.Object({}, { additionalProperties: false }),
    output: Type.Object({}),
    readOnly: true,
    run: async () => ok({}),
  })

const GOOD = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'

/** Shapes of nst/JSONTestSuite (n_*), and the ones that this parser refuses of its own. */
const NOT_JSON: readonly (string | Uint8Array)[] = [
  '',
  ' ',
  '\u0000',
  `${GOOD}x`,
  `${GOOD}${GOOD}`,
  `${GOOD}\n${GOOD}`,
  `${GOOD},`,
  `\ufeff${GOOD}`,
  `// x\n${GOOD}`,
  `/* x */${GOOD}`,
  `${GOOD}#`,
  `;${GOOD}`,
  `)]}',${GOOD}`,
  GOOD.replaceAll('"', "'"),
  GOOD.replace('"id"', 'id'),
  GOOD.replace('}', ',}'),
  GOOD.replace('{', '{,'),
  GOOD.replace(':1', ':NaN'),
  GOOD.replace(':1', ':Infinity'),
  GOOD.replace(':1', ':-Infinity'),
  GOOD.replace(':1', ':01'),
  GOOD.replace(':1', ':+1'),
  GOOD.replace(':1', ':.5'),
  GOOD.replace(':1', ':5.'),
  GOOD.replace(':1', ':-'),
  GOOD.replace(':1', ':1e'),
  GOOD.replace(':1', ':1e+'),
  GOOD.replace(':1', ':0x1'),
  GOOD.replace(':1', ':1_0'),
  GOOD.replace(':1', ':1e400'),
  GOOD.replace(':1', ':-1e400'),
  GOOD.replace(':1', ':1 2'),
  GOOD.replace(':1', ':'),
  GOOD.replace(':1', ':undefined'),
  GOOD.replace(':1', ':True'),
  GOOD.replace(':1', ':nul'),
  GOOD.replace(':1', ':"\\x41"'),
  GOOD.replace(':1', ':"\\u12"'),
  GOOD.replace(':1', ':"\\ud800"'),
  GOOD.replace(':1', ':"\\udc00\\ud800"'),
  GOOD.replace(':1', ':"a\nb"'),
  GOOD.replace(':1', ':"a\tb"'),
  GOOD.replace(':1', ':"a\u0000b"'),
  GOOD.replace(':1', ':"\\"'),
  GOOD.replace(':1', ':"\\a"'),
  GOOD.replace(':1', ':`1`'),
  GOOD.replace(':1', ':[1,]'),
  GOOD.replace(':1', ':[,1]'),
  GOOD.replace(':1', ':[1'),
  GOOD.replace(':1', ':[1}'),
  GOOD.replace(':1', ':{1:1}'),
  GOOD.replace(':1', ':{"a":1]'),
  GOOD.replace(':1', '::1'),
  GOOD.replace(':', ';'),
  GOOD.replace(',', ' '),
  GOOD.slice(0, -1),
  GOOD.slice(1),
  '{"jsonrpc":"2.0"',
  '{"a":"',
  '"',
  '{',
  '[',
  ']',
  '}',
  'nan',
  '\u00a0{}',
  '\u2028{}',
  Buffer.from(GOOD, 'utf16le'),
  Buffer.from('efbbbf7b7d', 'hex'),
  Buffer.from('7b22ff223a317d', 'hex'),
]

const NOT_MESSAGES = ['null', 'true', '0', '-0', '1e2', '"x"', '"\\ud83d\\ude00"', ' 1 ', '\n\t\r "x"']
