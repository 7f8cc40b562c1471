import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { createSigner, sign } from '../unit/pip/signing.ts'
import { attacksOn } from './attack.ts'
import {
  AUTHORIZATION_MALFORMED,
  BAD_REQUEST,
  completed,
  contentOf,
  denied,
  expectAnswer,
  fileNotFound,
  HEADERS_TOO_LARGE,
  invalidArguments,
  invalidRange,
  invalidRequest,
  METHOD_NOT_ALLOWED,
  NO_DOTS,
  NO_TOKEN,
  NOT_FOUND,
  PARSE_ERROR,
  PARSER_ERROR,
  readable,
  rpcError,
  UNAUTHORIZED,
  UNSUPPORTED_MEDIA_TYPE,
  unknownTool,
} from './expected.ts'
import { bearer, type Header, META, type Scene } from './scene.ts'
import { CANARY, CONTENT, claimsOf, HEADER, type LogLine } from './server.ts'

const abroad = await createSigner('ES256', 'k1')
const OTHER_ISSUER = 'https://other-issuer.example'
const OUTSIDE = denied(['paths.outside'])
const OK = { path: 'public/ok.txt' }
const BASE: readonly Header[] = [
  ['Host', '127.0.0.1'],
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json, text/event-stream'],
  ['Connection', 'close'],
]
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}'

const decisions = (lines: readonly LogLine[]) => lines.filter(({ kind }) => kind === 'decision')
const refusals = (lines: readonly LogLine[]) => decisions(lines).map(({ refusal }) => refusal)
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('what the catalogue does not have', () => {
  const attack = attacksOn({
    files: { 'users/bob/k': CANARY, 'users/mallory/own': 'own', 'public/.ENV': 'not .env', 'public/.env': CANARY },
    secondIssuer: { issuer: OTHER_ISSUER, key: abroad.jwk },
  })

  attack('P-001', async (scene) => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n]))
    const args: readonly unknown[] = [
      many,
      { path: 'x', content: many },
      { path: JSON.parse(nested(60)), content: '' },
      { path: '../../etc/passwd', content: 'x' },
      { path: 'public/x', content: 'x'.repeat(60_000) },
      { path: 'public/x', content: 'x', encoding: 'base64', overwrite: true },
    ]
    const extra: readonly (readonly Header[])[] = [
      [],
      [['Mcp-Param-Path', 'y']],
      [['Mcp-Param-Region', '=?base64?!?=']],
    ]
    const bytesOf = async (name: string, sent: unknown, headers: readonly Header[]) => {
      const from = scene.seen().received.length
      await scene.call(name, sent, { headers })
      return scene
        .seen()
        .received.slice(from)
        .replaceAll(name, 'NAME')
        .replace(/^Date: .*$/m, 'Date')
    }
    for (const sent of args) {
      for (const headers of extra) {
        const [hidden, unknown] = [await bytesOf('writeFile', sent, headers), await bytesOf('wriieFile', sent, headers)]
        expect(hidden).toBe(unknown)
        expect(hidden).toContain('"Unknown tool: NAME"')
      }
    }
  })

  attack('P-003', async (scene) => {
    const body = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`
    const echoed = [
      '"x"',
      `"${'x'.repeat(256)}"`,
      '9007199254740991',
      '-1',
      '0',
      '-0',
      '1e2',
      '1.0',
      '""',
      '"__proto__"',
      '"\\u0000\\n\\u001b[31m"',
      '"\\ud83d\\ude00"',
    ]
    for (const id of echoed) {
      const { body: answer } = readable(await scene.post(body(id)))
      // minus zero is zero in JSON
      expect(answer).toEqual({ jsonrpc: '2.0', id: id === '-0' ? 0 : JSON.parse(id), result: {} })
    }
    const refused = ['null', 'true', '{}', '[]', '1.5', '9007199254740992', '1e300', `"${'x'.repeat(257)}"`]
    for (const id of refused)
      expectAnswer(await scene.post(body(id)), invalidRequest('id must be a string or an integer'))
    expectAnswer(await scene.post(body('1e400')), PARSE_ERROR)
  })

  attack(
    'P-004',
    async (scene) => {
      const names = [
        'a\n{"kind":"decision"}',
        'a\r\nb',
        '\u001b[2J\u001b[31mred',
        '\u202egnp.exe',
        'a\u2028b',
        '\ud83d\ude00'.repeat(128),
        '"',
        '\\',
        '</script>',
        '$' + '{jndi:ldap://x}',
        '%s%n',
      ]
      for (const name of names) expectAnswer(await scene.legacyCall(name, {}), unknownTool(name))
      const long = '\ud83d\ude00'.repeat(129)
      expectAnswer(await scene.legacyCall(long, {}), invalidRequest('name must be a string', 1))
      expectAnswer(await scene.legacyCall('', {}), invalidRequest('name must be a string', 1))
    },
    { logged: (lines) => expect(lines.length).toBe(13) },
  )

  attack(
    'P-005',
    async (scene) => {
      const name = (n: number) => `${n}-${'n'.repeat(500)}`
      const args = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [name(n), n]))
      const answer = await scene.call('readFile', args)
      const { faults } = JSON.parse(answer.body).result._meta['io.portcullis/refusal']
      expect(faults.length).toBeLessThanOrEqual(64)
      const pointers = faults.map(({ pointer }: { pointer: string }) => pointer.length)
      expect(Math.max(...pointers)).toBeLessThanOrEqual(128)
      expect(answer.body.length).toBeLessThan(40_000)
    },
    { logged: (lines) => expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(10_000) },
  )

  attack('P-006', async (scene) => {
    const body = (name: string, levels: number) =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":{"path":${nested(levels)}}}}`
    // message, params and arguments are three levels
    const invalid = readable(await scene.post(body('readFile', 61)))
    expect(JSON.stringify(invalid.body)).toContain('"Invalid arguments: /path must be string"')
    for (const name of ['writeFile', 'nothing']) expectAnswer(await scene.post(body(name, 61)), unknownTool(name))
    for (const name of ['readFile', 'writeFile', 'nothing']) expectAnswer(await scene.post(body(name, 62)), PARSE_ERROR)
  })

  attack(
    'P-007',
    async (scene) => {
      const accepted = { status: 202, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } }
      const methods = [
        'notifications/cancelled',
        'notifications/tools/call',
        'notifications/message',
        'notifications/',
        'notifications/roots/list_changed',
        'notifications/__proto__',
      ]
      const params = { requestId: 1, name: 'readFile', arguments: OK, level: 'info', data: CONTENT }
      for (const method of methods) {
        const message = { jsonrpc: '2.0', method, params }
        const { status, headers, body } = readable(await scene.post(JSON.stringify(message)))
        expect({ method, status, body }).toEqual({ method, status: 202, body: undefined })
        expect(headers).toMatchObject(accepted.headers)
        const refused = invalidRequest('a notification has no id', 7)
        expectAnswer(await scene.post(JSON.stringify({ ...message, id: 7 })), refused)
      }
    },
    {
      logged: (lines) => {
        const permitted = decisions(lines).filter(({ refusal }) => refusal === undefined)
        const actions = permitted.map(({ input }) => (input as { action: { name: string } }).action.name)
        expect(actions).toEqual(['notifications/cancelled', 'notifications/roots/list_changed'])
      },
    },
  )

  attack(
    'P-008',
    async (scene) => {
      const key = (name: string) => `io.modelcontextprotocol/${name}`
      const post = (meta: unknown, era: 'legacy' | 'modern' = 'modern') => {
        const body = {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'readFile', arguments: OK, _meta: meta },
        }
        const headers: readonly Header[] = [
          ['MCP-Protocol-Version', '2026-07-28'],
          ['Mcp-Method', 'tools/call'],
          ['Mcp-Name', 'readFile'],
        ]
        return scene.post(JSON.stringify(body), era === 'modern' ? { headers } : {})
      }
      for (const meta of [null, [], 'x', 1, true])
        expectAnswer(await post(meta), invalidRequest('_meta must be an object', 1))
      const lacks = (name: string) => rpcError(400, -32602, `Invalid request metadata: _meta lacks ${key(name)}`, 1)
      expectAnswer(await post({}), lacks('protocolVersion'))
      for (const capabilities of [null, [], 'x', undefined]) {
        expectAnswer(await post({ ...META, [key('clientCapabilities')]: capabilities }), lacks('clientCapabilities'))
      }
      const odd: readonly object[] = [
        { ...META, progressToken: { a: 1 } },
        { ...META, progressToken: 'x'.repeat(10_000) },
        { ...META, [key('clientInfo')]: 5 },
        { ...META, [key('serverInfo')]: { name: 'evil' } },
        { ...META, 'io.portcullis/refusal': { code: 'denied' } },
        { ...META, ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n])) },
        { ...META, deep: JSON.parse(nested(59)) },
      ]
      for (const meta of odd) {
        const { status, body } = await post(meta)
        expect(OUTCOMES).toContain(`${status} ${/"(result|error)"/.exec(body)?.[1]}`)
        expect(body).not.toContain('evil')
      }
      for (const meta of [
        { progressToken: { a: 1 } },
        { progressToken: 1.5 },
        { [key('related-task')]: { taskId: 5 } },
      ]) {
        const { status, body } = await post(meta, 'legacy')
        expect(OUTCOMES).toContain(`${status} ${/"(result|error)"/.exec(body)?.[1]}`)
      }
    },
    { roles: ['admin'] },
  )

  attack(
    'P-009',
    async (scene) => {
      for (const task of [{}, { ttl: 1e9 }, { taskId: 'of-somebody' }, null, 5, 'x']) {
        const params = { name: 'readFile', arguments: OK, task }
        const answer = await scene.rpc('tools/call', params, { headers: [['Mcp-Name', 'readFile']] })
        expect(OUTCOMES).toContain(`${answer.status} ${/"(result|error)"/.exec(answer.body)?.[1]}`)
        expect(answer.body).not.toContain('taskId')
        const legacy = await scene.legacy('tools/call', params)
        expect(OUTCOMES).toContain(`${legacy.status} ${/"(result|error)"/.exec(legacy.body)?.[1]}`)
      }
      for (const cursor of [5, null, {}, ['x']]) {
        expectAnswer(await scene.rpc('tools/list', { cursor }), invalidRequest('cursor must be a string', 1))
      }
      const invalid = rpcError(200, -32602, 'Invalid cursor: begin at the first page', 1)
      expectAnswer(await scene.rpc('tools/list', { cursor: '../../x' }), invalid)
    },
    { roles: ['admin'] },
  )

  attack(
    'P-011',
    async (scene) => {
      const subs = [
        '..',
        '.',
        'a/../bob',
        'bob/..',
        '/bob',
        'bob/',
        '*',
        '.ssh',
        '%62ob',
        'bob\\',
        'Bob',
        'BOB',
        'b\u043eb',
        'bob ',
      ]
      for (const sub of subs) {
        const as = await scene.caller({ sub })
        for (const path of ['users/bob/k', `users/${sub}/../bob/k`, 'private/k']) {
          const { body } = readable(await scene.call('readFile', { path }, { as }))
          expect(JSON.stringify(body)).toMatch(/paths\.outside|a path without empty|paths\.never/)
        }
        const { body } = await scene.call('listFiles', { depth: 8 }, { as })
        expect(body).not.toMatch(/bob\/k|private/)
      }
      const bob = { ...claimsOf({ sub: 'bob', roles: ['user'] }), iss: OTHER_ISSUER }
      const stranger = { sub: 'bob', token: await sign(abroad, HEADER, bob) }
      expectAnswer(await scene.call('readFile', { path: 'users/bob/k' }, { as: stranger }), OUTSIDE)
      expectAnswer(await scene.call('readFile', OK, { as: stranger }), contentOf(CONTENT))
      const mallory = await scene.caller({ sub: 'mallory' })
      expectAnswer(await scene.call('readFile', { path: 'users/mallory/own' }, { as: mallory }), contentOf('own'))
    },
    { roles: ['user'] },
  )

  attack('P-012', async (scene) => {
    const read = (path: string) => scene.call('readFile', { path })
    expectAnswer(await read('PUBLIC/ok.txt'), OUTSIDE)
    expectAnswer(await read('Public/ok.txt'), OUTSIDE)
    expectAnswer(await read('public/OK.txt'), fileNotFound())
    expectAnswer(await read('public/.env'), denied(['paths.never']))
    expectAnswer(await read('public/.ENV'), contentOf('not .env'))
    expectAnswer(await scene.call('ReadFile', OK), unknownTool('ReadFile'))
    for (const scheme of ['bearer', 'BEARER', 'BeArEr']) {
      const headers: readonly Header[] = [...BASE, ['authorization', `${scheme} ${scene.attacker.token}`]]
      expect((await scene.send({ headers, body: PING })).status).toBe(200)
    }
    const odd = [
      [`Bearer${scene.attacker.token}`, NO_TOKEN],
      [`Bearer\t${scene.attacker.token}`, NO_TOKEN],
      [`Bearer: ${scene.attacker.token}`, NO_TOKEN],
      [`Bearer ${scene.attacker.token.toLowerCase()}`, UNAUTHORIZED],
    ] as const
    for (const [value, expected] of odd) {
      expectAnswer(await scene.send({ headers: [...BASE, ['Authorization', value]], body: PING }), expected)
    }
  })

  attack(
    'P-013',
    async (scene) => {
      const callers: Scene['attacker'][] = []
      for (let n = 0; n < 10; n++) {
        mkdirSync(join(scene.server.workspace, `users/same-${n}`), { recursive: true })
        writeFileSync(join(scene.server.workspace, `users/same-${n}/own`), `own of same-${n}`)
        callers.push(await scene.caller({ sub: `same-${n}` }))
      }
      for (const era of ['call', 'legacyCall', 'call', 'legacyCall'] as const) {
        const answers = await Promise.all(
          callers.flatMap((as) =>
            Array.from({ length: 3 }, () =>
              scene[era]('readFile', { path: `users/${as.sub}/own` }, { as, id: 'same' }),
            ),
          ),
        )
        const contents = answers.map((answer) => JSON.stringify(readable(answer).body))
        const right = contents.filter((content, n) => content.includes(`"content":"own of same-${Math.floor(n / 3)}"`))
        expect(right).toEqual(contents)
      }
    },
    { roles: ['user'] },
  )

  attack('P-015', async (scene) => {
    const cursor = (path: string) => Buffer.from(path).toString('base64url')
    const list = (value: string) => scene.call('listFiles', { path: 'public', cursor: value, depth: 8 })
    for (const value of ['../private', 'a/../../private', 'a//b', '\u0000', '.', '/..']) {
      expectAnswer(await list(cursor(value)), invalidRange())
    }
    for (const value of ['!!!', `${cursor('a')}=`, '_w', 'YR']) expectAnswer(await list(value), invalidRange())
    const as = await scene.caller({ sub: 'pages' })
    for (const value of ['private/k', '/etc/passwd', '.env', 'a', '\uffff']) {
      const answer = await scene.call('listFiles', { depth: 8, cursor: cursor(value) }, { as })
      expect(JSON.parse(answer.body).result.isError).toBeUndefined()
      expect(answer.body).not.toMatch(/private|bob|\.env/)
    }
  })

  attack('P-016', async (scene) => {
    expectAnswer(await scene.call('*', {}), unknownTool('*'))
    const roles = [['*'], ['admin*'], ['.*'], ['["admin"]'], ['readonly,admin']]
    for (const [n, odd] of roles.entries()) {
      const as = await scene.caller({ sub: `star-${n}`, roles: odd })
      expectAnswer(await scene.call('readFile', OK, { as }), unknownTool('readFile'))
    }
    const star = await scene.caller({ sub: '*', roles: ['user'] })
    expectAnswer(await scene.call('readFile', { path: 'users/bob/k' }, { as: star }), OUTSIDE)
    expectAnswer(await scene.call('readFile', { path: 'users/*/k' }, { as: star }), fileNotFound())
    expectAnswer(
      await scene.call('*', {}, { as: await scene.caller({ sub: 'root', roles: ['admin'] }) }),
      unknownTool('*'),
    )
  })

  attack('P-017', async (scene) => {
    const ask = (method: string, target: string) =>
      scene.send({
        method,
        target,
        headers: [...BASE, bearer(scene.attacker.token)],
        body: method === 'POST' ? PING : '',
      })
    for (const target of ['/mcp/', '//mcp', '/MCP', '/mcp/mcp', '/mcp.', '/', '/v1', '/mcp~']) {
      expectAnswer(await ask('POST', target), NOT_FOUND)
    }
    for (const target of [
      '/%6dcp',
      '/mcp;x',
      '/mcp%00',
      '/healthz/../mcp',
      '/healthz/%2e%2e/mcp',
      '/./mcp',
      '/mc%zz',
    ]) {
      expectAnswer(await ask('POST', target), BAD_REQUEST)
    }
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY']) {
      expectAnswer(await ask(method, '/mcp'), METHOD_NOT_ALLOWED)
    }
    const head = await ask('HEAD', '/mcp')
    expect([head.status, head.body]).toEqual([405, ''])
    for (const method of ['GET', 'DELETE', 'PUT']) {
      expectAnswer(await scene.send({ method, headers: BASE }), NO_TOKEN)
    }
    const tunnel = 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    expect(await scene.raw(tunnel, 0)).toEqual([])
    const unknown = 'NONSENSE /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
    expect((await scene.raw(unknown, 0)).map(readable)).toEqual([PARSER_ERROR])
  })

  attack('P-018', async (scene) => {
    const { token } = scene.attacker
    const other = await scene.caller({ sub: 'second', roles: ['admin'] })
    const send = (headers: readonly Header[], target = '/mcp', body = PING) =>
      scene.send({ headers: [...BASE, ...headers], target, body })
    const nowhere: readonly (readonly Header[])[] = [
      [],
      [['Cookie', `access_token=${token}`]],
      [['X-Api-Key', token]],
      [['Proxy-Authorization', `Bearer ${token}`]],
      [['X-Authorization', `Bearer ${token}`]],
      [['Authorization', token]],
      [['Authorization', `Basic ${Buffer.from(`u:${token}`).toString('base64')}`]],
      [['Authorization', `DPoP ${token}`]],
    ]
    for (const headers of nowhere) expectAnswer(await send(headers), NO_TOKEN)
    const malformed = ['Bearer', 'Bearer ', `Bearer ${token}, Bearer ${other.token}`, `Bearer ${token} ${other.token}`]
    for (const value of malformed) expectAnswer(await send([['Authorization', value]]), AUTHORIZATION_MALFORMED)
    for (const value of [`Bearer ${token},`, `Bearer "${token}"`]) {
      expectAnswer(await send([['Authorization', value]]), UNAUTHORIZED)
    }
    expectAnswer(await send([], `/mcp?access_token=${token}`), NO_TOKEN)
    const inBody = JSON.stringify({ ...JSON.parse(PING), params: { _meta: { authorization: `Bearer ${token}` } } })
    expectAnswer(await send([], '/mcp', inBody), NO_TOKEN)
    for (const second of [bearer(other.token), bearer(token)]) {
      expectAnswer(await send([bearer(token), second]), AUTHORIZATION_MALFORMED)
    }
    expect((await send([bearer(token)], `/mcp?access_token=${other.token}`)).status).toBe(200)
  })

  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
  attack(
    'P-019',
    async (scene) => {
      const parents = [
        `00-${TRACE}-00f067aa0ba902b7-01`,
        `00-${TRACE}`,
        `00-${CANARY}-1-01`,
        `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
        '',
        'x'.repeat(5000),
      ]
      for (const parent of parents) {
        const headers: readonly Header[] = [
          ['Traceparent', parent],
          ['Tracestate', `a=${CANARY}`],
          ['Baggage', `user=${CANARY}`],
          ['X-Request-Id', CANARY],
        ]
        expect((await scene.post(PING, { headers })).status).toBe(200)
      }
    },
    {
      logged: (lines) =>
        expect(decisions(lines).map(({ trace_id }) => trace_id)).toEqual([TRACE, ...new Array(5).fill(undefined)]),
    },
  )

  attack('P-020', async (scene) => {
    for (const coding of ['gzip', 'br', 'deflate', 'zstd', 'x', 'identity, gzip', '']) {
      expectAnswer(await scene.post(PING, { headers: [['Content-Encoding', coding]] }), UNSUPPORTED_MEDIA_TYPE)
    }
    const twice: readonly Header[] = [
      ['Content-Encoding', 'identity'],
      ['Content-Encoding', 'gzip'],
    ]
    expectAnswer(await scene.post(PING, { headers: twice }), BAD_REQUEST)
    expect((await scene.post(PING, { headers: [['Content-Encoding', 'identity']] })).status).toBe(200)
  })

  attack(
    'P-021',
    async (scene) => {
      const { workspace } = scene.server
      writeFileSync(join(workspace, 'public/.portcullis-0123'), CANARY)
      mkdirSync(join(workspace, 'public/.git'), { recursive: true })
      writeFileSync(join(workspace, 'public/.git/config'), CANARY)
      const never = denied(['paths.never'])
      for (const path of ['public/.env', 'public/.git/config', 'public/a/.ssh/id', 'public/id_rsa', 'public/.env/x']) {
        expectAnswer(await scene.call('readFile', { path }), never)
      }
      const both = denied(['paths.never', 'writeFile.dot_name'])
      expectAnswer(await scene.call('writeFile', { path: 'public/.env', content: 'x', overwrite: true }), both)
      const dots = denied(['writeFile.dot_name'])
      for (const path of ['public/.bashrc', 'public/.x/a', 'public/.portcullis-1']) {
        expectAnswer(await scene.call('writeFile', { path, content: 'x' }), dots)
      }
      expectAnswer(await scene.call('readFile', { path: 'public/.portcullis-0123' }), fileNotFound())
      const { body } = await scene.call('listFiles', { path: 'public', depth: 8 })
      expect(body).not.toMatch(/\.env|\.git|portcullis-0/)
      const nothing = completed({ matches: [], truncated: false })
      expectAnswer(await scene.call('searchFiles', { text: CANARY }), nothing)
      expectAnswer(await scene.call('searchFiles', { glob: '.portcullis-*' }), nothing)
    },
    { roles: ['user'] },
  )

  attack(
    'P-022',
    async (scene) => {
      linkSync(join(scene.server.outside, 'secret.txt'), join(scene.server.workspace, 'public/hard'))
      expectAnswer(await scene.call('readFile', { path: 'public/hard' }), fileNotFound())
      const overwritten = await scene.call('writeFile', { path: 'public/hard', content: 'x', overwrite: true })
      expectAnswer(overwritten, fileNotFound())
      const nothing = completed({ matches: [], truncated: false })
      expectAnswer(await scene.call('searchFiles', { path: 'public', glob: 'hard' }), nothing)
      expectAnswer(await scene.call('searchFiles', { path: 'public', text: CANARY }), nothing)
      expect((await scene.call('listFiles', { path: 'public' })).body).not.toContain('hard')
    },
    { roles: ['user'] },
  )

  attack('P-023', async (scene) => {
    for (let n = 0; n < 100; n += 4) {
      const odd = Array.from({ length: 4 }, (_, at) => `odd-${n + at}"}\n`)
      await Promise.all(odd.map((name) => scene.legacy(name)))
      await Promise.all(odd.map((name) => scene.legacyCall(name, { path: `secret-path-${n}` })))
    }
    const page = (target: string) =>
      scene.send({ method: 'GET', target, headers: BASE.slice(0, 1).concat(BASE.slice(3)) }, 0)
    const pages = await Promise.all(['/metrics', '/readyz', '/healthz'].map(page))
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
    const shown = pages.map(({ body }) => body).join('\n')
    expect(shown).not.toMatch(/odd-|secret-path|caller-P|readFile|writeFile|eyJ|probe/)
    const [metrics] = pages
    expect(metrics?.body.split('\n').length).toBeLessThan(400)
  })

  attack('P-024', async (scene) => {
    const upgrade = (value: string): readonly Header[] => [
      ...BASE.slice(0, 3),
      bearer(scene.attacker.token),
      ['Upgrade', value],
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
      ['Content-Length', String(PING.length)],
    ]
    const bytes = (headers: readonly Header[]) =>
      `POST /mcp HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${PING}`
    for (const value of ['websocket', 'h2c', 'TLS/1.2']) {
      expect((await scene.raw(bytes(upgrade(value)), 1, 1)).map(({ status }) => status)).toEqual([200])
    }
    const expects = (value: string) =>
      bytes([...BASE, bearer(scene.attacker.token), ['Expect', value], ['Content-Length', String(PING.length)]])
    expect((await scene.raw(expects('100-continue'), 1)).map(({ status }) => status)).toEqual([200])
    expect((await scene.raw(expects('nonsense'), 0)).map(({ status }) => status)).toEqual([417])
    for (const preface of [
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'POST /mcp HTTP/1.2\r\nHost: 127.0.0.1\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01',
      '\0\0\0\0',
    ]) {
      expect((await scene.raw(Buffer.from(preface, 'latin1'), 0)).map(readable)).toEqual([PARSER_ERROR])
    }
  })

  attack('P-025', async (scene) => {
    const many = (count: number): readonly Header[] => Array.from({ length: count }, (_, n) => [`X-${n}`, 'x'] as const)
    const send = (headers: readonly Header[]) => scene.send({ headers, body: PING })
    for (const count of [101, 901, 2000]) {
      expectAnswer(await send([...BASE, ...many(count), bearer(scene.attacker.token)]), HEADERS_TOO_LARGE)
      expectAnswer(await send([...BASE, bearer(scene.attacker.token), ...many(count)]), HEADERS_TOO_LARGE)
    }
    expectAnswer(
      await send([...BASE, bearer(scene.attacker.token), ['X-Large', 'x'.repeat(40_000)]]),
      HEADERS_TOO_LARGE,
    )
    const huge = await send(
      [...BASE, bearer(scene.attacker.token), ['X-Large', 'x'.repeat(100_000)]].map((header) => header as Header),
    )
    expect(huge.status).toBe(431)
    scene.expectRecords(-1)
  })

  attack('P-026', async (scene) => {
    const scoped = (scope: unknown) =>
      scene
        .token({ ...claimsOf({ sub: 'scoped', roles: ['readonly'] }), scope })
        .then((token) => ({ sub: 'scoped', token }))
    const challenge =
      'Bearer error="insufficient_scope", scope="mcp:read", resource_metadata="http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp"'
    for (const scope of [
      'MCP:READ',
      'mcp:read,mcp:write',
      'mcp:*',
      '*',
      'mcp',
      '',
      5,
      null,
      ' mcp:read',
      'mcp:read\u0000',
      undefined,
      ['mcp:read', 5],
    ]) {
      const as = await scoped(scope)
      const answer = await scene.call('readFile', OK, { as })
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([403, challenge])
      const { body } = await scene.rpc('tools/list', {}, { as })
      expect(JSON.parse(body).result.tools.map(({ name }: { name: string }) => name)).toEqual(['readFile', 'listFiles'])
      expectAnswer(await scene.call('writeFile', {}, { as }), unknownTool('writeFile'))
    }
    for (const scope of ['mcp:read', 'mcp:write', 'other mcp:read', ['mcp:read']]) {
      expectAnswer(await scene.call('readFile', OK, { as: await scoped(scope) }), contentOf(CONTENT))
    }
  })

  attack(
    'P-027',
    async (scene) => {
      const path = `public/${'\ud83d\ude00/'.repeat(60)}${'x'.repeat(255)}`
      for (let n = 0; n < 5; n++) {
        expectAnswer(await scene.call('readFile', { path }), fileNotFound())
        const tooLong = invalidArguments([['/path', 'must be a path of at most 4096 bytes']])
        expectAnswer(await scene.call('readFile', { path: '\u20ac'.repeat(2000) }), tooLong)
        await scene.legacyCall('\ud83d\ude00'.repeat(128), Object.fromEntries([['x'.repeat(50_000), 1]]))
      }
      expectAnswer(
        await scene.call('readFile', { path: 'a/'.repeat(100) }),
        invalidArguments([['/path', 'must be a path of at most 64 segments']]),
      )
      expectAnswer(
        await scene.call('readFile', { path: 'x'.repeat(256) }),
        invalidArguments([['/path', 'must be a path with segments of at most 255 bytes']]),
      )
      expectAnswer(await scene.call('readFile', { path: 'public/../x' }), invalidArguments([NO_DOTS]))
    },
    { logged: (lines) => expect(Math.max(...lines.map((line) => JSON.stringify(line).length))).toBeLessThan(8_000) },
  )

  attack(
    'P-028',
    async (scene) => {
      const inner = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`
      const refused = (headers: string) =>
        `POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${inner.length}\r\n\r\n${inner}`
      const last = `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`
      const statuses = async (bytes: string, records: number) =>
        (await scene.raw(bytes, records)).map(({ status }) => status)
      expect(await statuses(`${refused('')}${last}`, 2)).toEqual([404, 401])
      expect(await statuses(`${refused('Origin: https://evil.example\r\n')}${last}`, 2)).toEqual([403, 401])
      expect(await statuses(`${refused('Expect: 100-continue\r\n')}${last}`, 2)).toEqual([404, 401])
    },
    {
      logged: (lines) =>
        expect(refusals(lines).sort()).toEqual([
          'not_found',
          'not_found',
          'origin_not_allowed',
          'token_missing',
          'token_missing',
          'token_missing',
        ]),
    },
  )
})

/** Whatever the odd request, one of these; a server error or a stack is none. */
const OUTCOMES = ['200 result', '200 error', '400 error']
