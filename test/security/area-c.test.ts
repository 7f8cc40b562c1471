import { readFileSync } from 'node:fs'
import { describe, expect } from '@jest/globals'
import { attacksOn } from './attack.ts'
import {
  BAD_REQUEST,
  BODY_TOO_LARGE,
  contentOf,
  expectAnswer,
  HOST_NOT_ALLOWED,
  headerMismatch,
  ORIGIN_NOT_ALLOWED,
  OVERLOADED,
  PARSER_ERROR,
  REQUEST_TIMEOUT,
  rateLimited,
  readable,
  rpcError,
  UNSUPPORTED_MEDIA_TYPE,
  unknownTool,
} from './expected.ts'
import { descriptors, eventually } from './invariants.ts'
import { bearer, type Header, META, type Scene } from './scene.ts'
import { CONTENT, type LogLine } from './server.ts'
import { type Dialled, dial, toBytes } from './wire.ts'

const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'readFile', arguments: { path: 'public/ok.txt' } },
})
const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
const PONG = { jsonrpc: '2.0', id: 1, result: {} }
const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })

const TYPE: Header = ['Content-Type', 'application/json']
const ACCEPT: Header = ['Accept', 'application/json, text/event-stream']
const HOST: Header = ['Host', '127.0.0.1']

/** A good request of the legacy wire, as bytes that a test then spoils. */
const requestOf = (
  { attacker }: Scene,
  headers: readonly Header[],
  body: string = PING,
  start = 'POST /mcp HTTP/1.1',
) =>
  [
    start,
    ...[TYPE, ACCEPT, bearer(attacker.token), ...headers].map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n')
const lengthOf = (body: string): Header => ['Content-Length', String(Buffer.byteLength(body))]

const refusals = (lines: readonly LogLine[]) => lines.flatMap(({ refusal }) => refusal ?? [])

describe('HTTP', () => {
  const attack = attacksOn({ config: { limits: { body_bytes: 65_536 } } })

  attack('C-027', async (scene) => {
    const said = requestOf(scene, [HOST, ['Content-Length', '5000000']], '')
    const [refused] = await scene.raw(said, 1)
    expect(refused && readable(refused)).toEqual(BODY_TOO_LARGE)

    // chunks without end: the client goes on until the server hangs up
    const { socket, received } = await dial(scene.server.port)
    scene.expectRecords(1)
    socket.write(`${requestOf(scene, [HOST, ['Transfer-Encoding', 'chunked']], '')}`)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    let sent = 0
    socket.once('data', () => {
      sent = socket.bytesWritten
    })
    socket.on('drain', more)
    more()
    expect((await received).toString()).toMatch(/^HTTP\/1\.1 413 .*"error":"body_too_large"/s)
    // what the kernel holds on both sides, and no more, was on its way when the answer came
    expect(sent).toBeLessThan(32 * 1_048_576)
    const good = JSON.stringify({ ...JSON.parse(CALL), id: 'x'.repeat(200) })
    expect((await scene.post(good.padEnd(65_536))).status).toBe(200)
    expectAnswer(await scene.post(good.padEnd(65_537)), BODY_TOO_LARGE)
  })

  attack('C-028', async (scene) => {
    for (const length of ['abc', '+4', '-1', '4;4', '4, 4', '0x2a', '4 4', '99999999999999999999999', '1e2', '']) {
      const [answer] = await scene.raw(requestOf(scene, [HOST, ['Content-Length', length]]), 0)
      expect({ length, ...(answer && readable(answer)) }).toEqual({ length, ...PARSER_ERROR })
    }
    for (const second of ['4', lengthOf(PING)[1]]) {
      const twice = requestOf(scene, [HOST, lengthOf(PING), ['Content-Length', second]])
      expect((await scene.raw(twice, 0)).map(readable)).toEqual([PARSER_ERROR])
    }
  })

  attack('C-033', async (scene) => {
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/json, text/plain',
      'application/jsonp',
      'application/ld+json',
      'json',
      '',
    ]
    const send = (headers: readonly Header[]) =>
      scene.send({
        headers: [HOST, ACCEPT, bearer(scene.attacker.token), ['Connection', 'close'], ...headers],
        body: PING,
      })
    for (const type of types) expectAnswer(await send([['Content-Type', type]]), UNSUPPORTED_MEDIA_TYPE)
    expectAnswer(await send([]), UNSUPPORTED_MEDIA_TYPE)
    expectAnswer(await send([TYPE, ['Content-Type', 'text/plain']]), BAD_REQUEST)
    expectAnswer(await send([TYPE, TYPE]), BAD_REQUEST)
    for (const type of ['application/json', 'Application/JSON; charset=UTF-8']) {
      expect(readable(await send([['Content-Type', type]])).body).toEqual(PONG)
    }
  })

  const modernBody = (name: string, args: object = { path: 'public/ok.txt' }, meta: object = META) =>
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: meta } })
  const VERSION: Header = ['MCP-Protocol-Version', '2026-07-28']
  const METHOD: Header = ['Mcp-Method', 'tools/call']

  attack('C-037', async (scene) => {
    const body = modernBody('readFile')
    const name: Header = ['Mcp-Name', 'readFile']
    const missing = (header: string) => headerMismatch(`${header} is missing`)
    expectAnswer(await scene.post(body, { headers: [VERSION, name] }), missing('Mcp-Method'))
    expectAnswer(await scene.post(body, { headers: [VERSION, METHOD] }), missing('Mcp-Name'))
    expectAnswer(await scene.post(body, { headers: [METHOD, name] }), missing('MCP-Protocol-Version'))
    expectAnswer(await scene.post(body), missing('MCP-Protocol-Version'))
    for (const twice of [VERSION, METHOD, name]) {
      expectAnswer(await scene.post(body, { headers: [VERSION, METHOD, name, twice] }), BAD_REQUEST)
    }
  })

  attack('C-038', async (scene) => {
    const base64 = (name: string) => `=?base64?${Buffer.from(name).toString('base64')}?=`
    const names = [
      'READFILE',
      'readfile',
      'listFiles',
      base64('listFiles'),
      '=?base64?!!!?=',
      '=?base64?cmVhZEZpbGU?=',
      'readFile,listFiles',
      'readFil\xe9',
      '"readFile"',
      '=?BASE64?cmVhZEZpbGU=?=',
      '',
    ]
    const differs = headerMismatch('Mcp-Name differs from params.name')
    for (const name of names) {
      const headers = [VERSION, METHOD, ['Mcp-Name', name] as const]
      expectAnswer(await scene.post(modernBody('readFile'), { headers }), differs)
      expectAnswer(await scene.post(modernBody('writeFile'), { headers }), differs)
    }
    const methods = ['tools/list', 'Tools/Call', 'tools/call, tools/list', base64('tools/call')]
    for (const method of methods) {
      const headers = [VERSION, ['Mcp-Method', method] as const, ['Mcp-Name', 'readFile'] as const]
      expectAnswer(
        await scene.post(modernBody('readFile'), { headers }),
        headerMismatch('Mcp-Method differs from the method'),
      )
    }
    const encoded = [VERSION, METHOD, ['Mcp-Name', base64('readFile')] as const]
    expectAnswer(await scene.post(modernBody('readFile'), { headers: encoded }), contentOf(CONTENT))
  })

  attack('C-041', async (scene) => {
    const hidden = { ...JSON.parse(CALL), params: { name: 'writeFile', arguments: { path: 'public/x', content: 'x' } } }
    for (const version of ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']) {
      const headers: readonly Header[] = [['MCP-Protocol-Version', version], METHOD, ['Mcp-Name', 'readFile']]
      expectAnswer(await scene.post(JSON.stringify(hidden), { headers }), unknownTool('writeFile'))
    }
    const headers: readonly Header[] = [VERSION, METHOD, ['Mcp-Name', 'readFile']]
    expectAnswer(
      await scene.post(modernBody('writeFile'), { headers }),
      headerMismatch('Mcp-Name differs from params.name'),
    )
  })

  attack('C-043', async (scene) => {
    const key = 'io.modelcontextprotocol/protocolVersion'
    const rest: readonly Header[] = [METHOD, ['Mcp-Name', 'readFile']]
    const post = (header: string, meta: unknown) =>
      scene.post(modernBody('readFile', {}, { ...META, [key]: meta }), {
        headers: [['MCP-Protocol-Version', header], ...rest],
      })
    const differs = headerMismatch('MCP-Protocol-Version differs from _meta')
    expectAnswer(await post('2026-07-28', '2025-11-25'), differs)
    expectAnswer(await post('2025-11-25', '2026-07-28'), differs)
    expectAnswer(await post('2026-07-28 ', '2026-07-28 '), differs)
    const notString = rpcError(400, -32602, `Invalid request metadata: ${key} must be a string`, 1)
    expectAnswer(await post('2026-07-28', ['2026-07-28']), notString)
    const unsupported = (requested: string, supported = ['2026-07-28']) =>
      rpcError(400, -32022, 'Unsupported protocol version', 1, { supported, requested })
    expectAnswer(await post('2027-01-01', '2027-01-01'), unsupported('2027-01-01'))
    expectAnswer(await post('2025-11-25', '2025-11-25'), unsupported('2025-11-25'))
    const legacy = await scene.post(CALL, { headers: [['MCP-Protocol-Version', '1.0']] })
    expectAnswer(legacy, unsupported('1.0', SUPPORTED))
  })

  attack(
    'C-045',
    async (scene) => {
      const headers: readonly Header[] = [
        ['X-MCP-Authorized', 'writeFile'],
        ['X-User', 'admin'],
        ['X-Forwarded-User', 'admin'],
        ['X-Forwarded-For', '10.0.0.1'],
        ['X-Forwarded-Host', 'evil.example'],
        ['Forwarded', 'for=10.0.0.1;host=evil.example'],
        ['X-Roles', 'admin'],
        ['Mcp-Session-Id', 'of-somebody-else'],
        ['Mcp-Init-Host', 'evil.example'],
        ['Router-Key', 'x'],
        ['X-Original-Url', '/metrics'],
        ['X-Rewrite-Url', '/metrics'],
        ['X-Http-Method-Override', 'DELETE'],
        ['Last-Event-Id', '1'],
        ['Cookie', 'role=admin'],
      ]
      expectAnswer(await scene.call('writeFile', {}, { headers }), unknownTool('writeFile'))
      const answer = await scene.call('readFile', { path: 'public/ok.txt' }, { headers })
      expectAnswer(answer, contentOf(CONTENT))
    },
    {
      logged: (lines) => {
        const subjects = lines.flatMap(({ input }) => (input === undefined ? [] : [(input as Input).subject]))
        expect(new Set(subjects.map(({ id, properties }) => `${id} ${properties.roles}`))).toEqual(
          new Set(['caller-C-045 readonly']),
        )
        expect(JSON.stringify(lines)).not.toContain('evil.example')
      },
    },
  )

  attack('C-046', async (scene) => {
    const send = (host: string, ...headers: readonly Header[]) =>
      scene.send({
        headers: [['Host', host], TYPE, ACCEPT, bearer(scene.attacker.token), ['Connection', 'close'], ...headers],
        body: PING,
      })
    for (const host of [
      'evil.example',
      'evil.example:3000',
      '127.0.0.1.evil.example',
      'localhost.',
      '0.0.0.0',
      '127.1',
      '2130706433',
      '0x7f.1',
      '[::2]',
      '',
    ]) {
      expectAnswer(await send(host), HOST_NOT_ALLOWED)
    }
    for (const origin of [
      'https://evil.example',
      'null',
      'https://127.0.0.1:3000',
      'http://127.0.0.1:3001',
      'http://127.0.0.1',
      'http://127.0.0.1:3000.evil.example',
      'HTTP://127.0.0.1:3000',
      '',
      '*',
      'file://',
    ]) {
      expectAnswer(await send('127.0.0.1', ['Origin', origin]), ORIGIN_NOT_ALLOWED)
    }
    const twice: readonly Header[] = [
      ['Origin', 'http://127.0.0.1:3000'],
      ['Origin', 'https://evil.example'],
    ]
    expectAnswer(await send('127.0.0.1', ...twice), BAD_REQUEST)
    for (const host of ['127.0.0.1', 'LOCALHOST:1', '[::1]:3000']) {
      expect(readable(await send(host, ['Origin', 'http://127.0.0.1:3000'])).body).toEqual(PONG)
    }
  })

  attack('C-047', async (scene) => {
    const length = lengthOf(PING)
    const first = async (bytes: string, records: number) => (await scene.raw(bytes, records, 1)).map(readable)
    for (const target of ['http://evil.example/mcp', 'http://127.0.0.1/mcp', 'https://127.0.0.1/mcp']) {
      expect(await first(requestOf(scene, [HOST, length], PING, `POST ${target} HTTP/1.1`), 1)).toEqual([BAD_REQUEST])
    }
    expect(await first(requestOf(scene, [length], PING, 'POST /mcp HTTP/1.0'), 1)).toEqual([HOST_NOT_ALLOWED])
    expect(await first(requestOf(scene, [HOST, ['Host', 'evil.example'], length]), 1)).toEqual([BAD_REQUEST])
    expect(await first(requestOf(scene, [['Host', 'evil.example'], HOST, length]), 1)).toEqual([BAD_REQUEST])
    // refused by the HTTP server itself, before there is a request
    for (const host of [
      '127.0.0.1, evil.example',
      '127.0.0.1@evil.example',
      '127.0.0.1/evil',
      'ex\xe9.example',
      '127.0.0.1:99999',
      '[::ffff:127.0.0.1]',
    ]) {
      const answers = await first(requestOf(scene, [['Host', host], length]), 0)
      expect(answers.map(({ status, body }) => ({ status, body }))).toEqual([{ status: 400, body: undefined }])
    }
    const missing = await first(requestOf(scene, [length]), 0)
    expect(missing.map(({ status, body }) => ({ status, body }))).toEqual([{ status: 400, body: undefined }])
  })

  attack(
    'C-058',
    async (scene) => {
      const hex = PING.length.toString(16)
      const smuggled = requestOf(scene, [HOST, ['Content-Length', '999']], '', 'DELETE /mcp HTTP/1.1')
      const chunked = (coding: string, body: string, name = 'Transfer-Encoding') =>
        `${requestOf(scene, [HOST, [name, coding]], body)}${smuggled}`
      const end = '0\r\n\r\n'
      const good = `${hex}\r\n${PING}\r\n${end}`
      // refused by the parser, before anything of ours runs
      const unread = [
        `${requestOf(scene, [HOST, lengthOf(PING), ['Transfer-Encoding', 'chunked']], good)}${smuggled}`,
        `${requestOf(scene, [HOST, ['Transfer-Encoding', 'chunked'], ['Content-Length', '6']], end)}${smuggled}`,
        `${requestOf(scene, [HOST, ['Transfer-Encoding', 'chunked'], ['Transfer-Encoding', 'identity']], end)}${smuggled}`,
        chunked('chunked', good, 'Transfer-Encoding '),
        chunked('\x0bchunked', good),
        chunked('chunked, gzip', good),
        `${requestOf(scene, [HOST, ['X-A', 'a\r\n Transfer-Encoding: chunked'], lengthOf(PING)])}${smuggled}`,
        `${requestOf(scene, [HOST, ['X-A', 'a\rContent-Length: 0'], lengthOf(PING)])}${smuggled}`,
        `${requestOf(scene, [HOST, lengthOf(PING)]).replaceAll('\r\n', '\n')}${smuggled}`,
        `${requestOf(scene, [HOST, lengthOf(PING), ['', 'x']])}${smuggled}`,
        `${requestOf(scene, [HOST, lengthOf(PING), ['X\0Y', 'x']])}${smuggled}`,
      ]
      for (const bytes of unread) {
        const answers = (await scene.raw(Buffer.from(bytes, 'latin1'), 0)).map(readable)
        expect({ bytes, answers }).toEqual({ bytes, answers: [PARSER_ERROR] })
      }
      // refused while the body is read: recorded, never more than a bad request
      const unreadable = ['identity', 'xchunked'].map((coding) => chunked(coding, good))
      const chunks = [
        `0x${good}`,
        `-${good}`,
        `1000000000000000${good}`,
        `2\r\n${PING}\r\n${end}`,
        `${hex};a\n${PING}\r\n${end}`,
      ]
      for (const bytes of [...unreadable, ...chunks.map((chunk) => chunked('chunked', chunk))]) {
        const answers = (await scene.raw(bytes, 1)).map(readable)
        expect({ bytes, answers }).toEqual({ bytes, answers: [PARSER_ERROR] })
      }
      // framed by the parser, refused by the guard
      for (const coding of ['gzip, chunked', 'deflate,chunked']) {
        const framed = requestOf(scene, [HOST, ['Transfer-Encoding', coding], ['Connection', 'close']], good)
        expect((await scene.raw(framed, 1)).map(readable)).toEqual([BAD_REQUEST])
      }
      const served = requestOf(scene, [HOST, ['Transfer-Encoding', 'Chunked'], ['Connection', 'close']], good)
      expect((await scene.raw(served, 1)).map(({ status }) => status)).toEqual([200])
    },
    {
      // the second request would be a method that is not allowed
      logged: (lines) => expect(new Set(refusals(lines))).toEqual(new Set(['bad_request', 'malformed_json'])),
    },
  )

  attack('C-051', async (scene) => {
    for (let n = 0; n < 20; n++) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => scene.legacy('initialize', HELLO)))
      expect(answers.map(({ status, headers }) => ({ status, session: headers['mcp-session-id'] }))).toEqual(
        new Array(5).fill({ status: 200, session: undefined }),
      )
    }
  })
})

/** Connections that each say this at once: the server counts from when it took them. */
const dialMany = (scene: Scene, greetings: readonly (string | Uint8Array)[]) =>
  Promise.all(
    greetings.map(async (greeting) => {
      const dialled = await dial(scene.server.port)
      dialled.socket.write(greeting)
      return dialled
    }),
  )

describe('slow clients', () => {
  const attack = attacksOn({
    config: { limits: { headers_timeout_ms: 300, request_timeout_ms: 600, idle_timeout_ms: 1500 } },
  })

  const times = (count: number, greeting: string) => new Array<string>(count).fill(greeting)

  /** Sends one byte again and again until the server hangs up. */
  const drip = ({ socket, received }: Dialled, byte: string): Promise<Buffer> => {
    const timer = setInterval(() => socket.write(byte), 50)
    return received.finally(() => clearInterval(timer))
  }

  attack('C-057', async (scene) => {
    const incomplete = requestOf(scene, [HOST, ['Content-Length', '5000']], '{')
    const headers = await dialMany(scene, times(100, 'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-'))
    const bodies = await dialMany(scene, times(50, incomplete))
    const idle = await dialMany(scene, times(50, ''))
    scene.expectRecords(bodies.length)
    const closed = Promise.all([
      Promise.all(headers.map((dialled) => drip(dialled, 'a'))),
      Promise.all(bodies.map((dialled) => drip(dialled, ' '))),
      Promise.all(idle.map(({ received }) => received)),
    ])
    // meanwhile others are served
    for (let n = 0; n < 20; n++) expect(readable(await scene.post(PING)).body).toEqual(PONG)
    for (const answers of await closed) {
      const statuses = answers.map((bytes) => bytes.toString().split('\r\n')[0])
      expect(new Set(statuses)).toEqual(new Set(['HTTP/1.1 408 Request Timeout']))
    }
  })

  attack('C-028', async (scene) => {
    const short = requestOf(scene, [HOST, ['Content-Length', '5000']])
    expect((await scene.raw(short, 1, 1)).map(readable)).toEqual([REQUEST_TIMEOUT])
  })
})

describe('clients that do not read', () => {
  const attack = attacksOn({
    config: { limits: { idle_timeout_ms: 2000 } },
    // in JSON within JSON each of these bytes takes seven: more than the kernel buffers
    files: { 'public/large': '\x01'.repeat(1_048_576) },
  })

  attack('C-053', async (scene) => {
    const { port } = scene.server
    const callers = await Promise.all(Array.from({ length: 4 }, (_, n) => scene.caller({ sub: `slow-${n}` })))
    const body = CALL.replace('ok.txt', 'large')
    const requests = callers.map((as) => toBytes({ headers: [HOST, TYPE, ACCEPT, bearer(as.token)], body }))
    const dialled = await dialMany(scene, requests)
    for (const { socket } of dialled) socket.pause()
    scene.expectRecords(dialled.length)
    for (let n = 0; n < 20; n++) expect(readable(await scene.post(PING)).body).toEqual(PONG)
    await eventually('the server to hang up', () => openAt(port) === 0)
    for (const { socket } of dialled) socket.resume()
    const received = await Promise.all(dialled.map(({ received }) => received))
    const whole = 13 * 1_048_576
    expect(received.filter(({ length }) => length > whole)).toEqual([])
  })
})

describe('a server with room for ten', () => {
  const attack = attacksOn({
    config: { limits: { max_connections: 10, per_subject: { per_second: 1, burst: 50 } } },
  })

  attack('C-051', async (scene) => {
    const statuses: number[] = []
    for (let n = 0; n < 100; n++) {
      const answer = await scene.legacy('initialize', HELLO)
      statuses.push(answer.status)
      if (answer.status !== 200) expectAnswer(answer, rateLimited(1))
    }
    // a few more than the burst get through while the bucket fills up again
    expect(statuses.slice(0, 50)).toEqual(new Array(50).fill(200))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(30)
  })

  attack('C-057', async (scene) => {
    const { port } = scene.server
    const before = descriptors()
    let turnedAway = 0
    const idle = await Promise.all(Array.from({ length: 30 }, () => dial(port)))
    for (const { received } of idle) received.then(() => turnedAway++)
    await eventually('ten of thirty connections closed', () => turnedAway === 10)
    for (const { socket } of idle) socket.destroy()
    await eventually('no connection left', () => descriptors() === before)

    const waiting: Dialled[] = []
    for (let n = 0; n < 10; n++) {
      const dialled = await dial(port)
      const begun = new Promise((resolve) => dialled.socket.once('data', resolve))
      // answered by 100 Continue as soon as the request has begun
      dialled.socket.write(requestOf(scene, [HOST, ['Expect', '100-continue'], ['Content-Length', '5000']], '{'))
      await begun
      waiting.push(dialled)
    }
    expectAnswer(await scene.post(PING), OVERLOADED)
    for (const { socket } of waiting) socket.destroy()
    scene.expectRecords(waiting.length)
    await eventually('no connection left', () => openAt(port) === 0)
  })
})

const ESTABLISHED = '01'

/** Connections that the server's side of a port holds open. */
function openAt(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address, , state]) => address === local && state === ESTABLISHED).length
}

type Input = { readonly subject: { readonly id: string; readonly properties: { readonly roles: readonly string[] } } }
const SUPPORTED = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
