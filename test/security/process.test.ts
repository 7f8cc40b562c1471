import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type Machine, openMachine, type Server } from '../e2e/portcullis.ts'
import { catalogueEntry } from './catalogue.ts'
import { bearer, type Header, META } from './scene.ts'
import { dial, toBytes } from './wire.ts'

jest.setTimeout(60_000)

const attack = (id: string, run: () => Promise<void>) => test(`${id} ${catalogueEntry(id).title}`, run)

/** What must not stand on standard error of a server that was only attacked. */
const ALARMS = /Warning|Unhandled|unhandledRejection|uncaught|TypeError|RangeError|ReferenceError|\n {4}at /

describe('a process under fire', () => {
  let machine: Machine
  let server: Server
  let stderr = ''
  beforeAll(async () => {
    machine = await openMachine()
    server = await machine.serve()
    server.process.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
  })
  afterAll(() => machine.remove())

  attack('P-029', async () => {
    const port = Number(server.url.port)
    const token = await machine.token('readonly')
    const base: readonly Header[] = [
      ['Host', '127.0.0.1'],
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json, text/event-stream'],
    ]
    const message = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const read = (path: unknown) => message('tools/call', { name: 'readFile', arguments: { path } })
    const bodies = [
      '{',
      '['.repeat(900_000),
      '\ud83d'.repeat(100),
      'x'.repeat(2_000_000),
      read('../x'),
      read('a\u0000'),
      read({ a: 1 }),
      read('x'.repeat(500_000)),
      message('tools/call', { name: '__proto__', arguments: {} }),
      message('tools/call', { name: 'writeFile', arguments: { path: 'public/x', content: 'x' } }),
      message('tools/call', { name: 'readFile', arguments: { path: 'public/a.txt' }, task: 5 }),
      message('tools/list', { _meta: { progressToken: {} } }),
      message('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: { roots: 7 },
        clientInfo: { name: 'x', version: '1' },
      }),
      message('server/discover', { _meta: META }),
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
    ]
    const good = toBytes({ headers: [...base, bearer(token), ['Connection', 'close']], body: read('public/a.txt') })
    const bytes = [
      ...bodies.flatMap((body) => [
        toBytes({ headers: [...base, bearer(token), ['Connection', 'close']], body }),
        toBytes({ headers: [...base, ['Connection', 'close']], body }),
      ]),
      Buffer.from('GET / HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n'),
      Buffer.from('\0\0\0\0'),
    ]
    const send = async (sent: Uint8Array) => {
      const { socket, received } = await dial(port)
      socket.write(sent)
      return (await received).toString()
    }
    await Promise.all(bytes.map(send))
    // half a request, and a client that goes away at once, at each stage
    for (let at = 1; at < good.length; at += 97) {
      const { socket, received } = await dial(port)
      socket.write(good.subarray(0, at), () => socket.destroy())
      await received
    }
    for (let n = 0; n < 20; n++) {
      const { socket, received } = await dial(port)
      socket.write(good, () => socket.resetAndDestroy())
      await received
    }

    const user = await machine.token('user')
    const answer = await send(
      toBytes({ headers: [...base, bearer(user), ['Connection', 'close']], body: read('public/a.txt') }),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(answer).toContain('structuredContent')
    expect(await server.stop()).toBe(0)
    const lines = await machine.records()
    const permitted = lines.filter(({ kind, refusal }) => kind === 'decision' && refusal === undefined)
    const ended = new Set(lines.filter(({ kind }) => kind === 'outcome').map(({ decision_id }) => decision_id))
    expect(JSON.stringify(lines)).not.toContain(token.split('.')[2])
    expect(permitted.filter(({ decision_id }) => !ended.has(decision_id)).length).toBeLessThanOrEqual(1)
    expect(ALARMS.exec(stderr)).toBeNull()
  })
})
