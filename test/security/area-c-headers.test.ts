import { describe, expect } from '@jest/globals'
import { attacksOn } from './attack.ts'
import { expectAnswer, PARSE_ERROR, readable, UNSUPPORTED_MEDIA_TYPE } from './expected.ts'
import { bearer, type Header } from './scene.ts'
import { CONTENT } from './server.ts'
import type { Answer } from './wire.ts'

const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'readFile', arguments: { path: 'public/ok.txt' } },
})
const HOST: readonly Header[] = [
  ['Host', '127.0.0.1'],
  ['Connection', 'close'],
]
const TYPE: Header = ['Content-Type', 'application/json']
const BOTH: Header = ['Accept', 'application/json, text/event-stream']

const expectRead = (answer: Answer) =>
  expect({ status: answer.status, read: answer.body.includes(CONTENT) }).toEqual({ status: 200, read: true })

describe('headers, versions and sessions', () => {
  const attack = attacksOn()

  attack('C-009', async (scene) => {
    for (const member of [{ result: {} }, { error: { code: 1, message: 'x' } }]) {
      const { status, body } = readable(await scene.post(JSON.stringify({ jsonrpc: '2.0', id: 1, ...member })))
      expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: -32600 } } })
    }
  })

  attack('C-029', async (scene) => {
    for (const coding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      expectAnswer(await scene.post(CALL, { headers: [['Content-Encoding', coding]] }), UNSUPPORTED_MEDIA_TYPE)
    }
  })

  attack('C-031', async (scene) => {
    expectAnswer(await scene.post(`\ufeff${CALL}`), PARSE_ERROR)
    expectAnswer(await scene.post(Buffer.from(CALL, 'utf16le')), PARSE_ERROR)
    const send = (type: string) =>
      scene.send({ headers: [...HOST, ['Content-Type', type], BOTH, bearer(scene.attacker.token)], body: CALL })
    for (const type of ['application/json; charset=utf-16', 'application/json;charset=latin1', 'text/json']) {
      expectAnswer(await send(type), UNSUPPORTED_MEDIA_TYPE)
    }
    expectRead(await send('application/json; charset=UTF-8'))
  })

  attack('C-034', async (scene) => {
    const send = (accept: readonly Header[]) =>
      scene.send({ headers: [...HOST, TYPE, ...accept, bearer(scene.attacker.token)], body: CALL })
    for (const accept of ['application/json', 'text/event-stream', 'text/html', 'application/xml, */json', '']) {
      expect((await send([['Accept', accept]])).status).toBe(406)
    }
  })

  attack('C-050', async (scene) => {
    for (const id of ['1', 'x'.repeat(4000), '%0d%0aSet-Cookie: a=b', '..%2f..', '0'.repeat(36)]) {
      const answer = await scene.post(CALL, { headers: [['Mcp-Session-Id', id]] })
      expectRead(answer)
      expect(answer.headers['mcp-session-id']).toBeUndefined()
    }
  })

  attack('C-056', async (scene) => {
    const other = await scene.caller({ sub: 'victim', roles: ['readonly'] })
    const notify = (method: string, params: object) =>
      scene.post(JSON.stringify({ jsonrpc: '2.0', method, params }), { as: scene.attacker })
    const [answer] = await Promise.all([
      scene.post(CALL, { as: other }),
      ...[1, '1'].map((requestId) => notify('notifications/cancelled', { requestId, reason: 'x' })),
      notify('notifications/progress', { progressToken: 1, progress: 1 }),
    ])
    expectRead(answer)
  })
})
