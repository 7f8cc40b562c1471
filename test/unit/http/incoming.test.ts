import { describe, expect, test } from '@jest/globals'
import { Hono } from 'hono'
import type { Environment } from '../../../src/http/environment.ts'
import { headerValues, type Incoming, readIncoming } from '../../../src/http/incoming.ts'

async function read(request: Request, env?: unknown): Promise<Incoming> {
  const seen: Incoming[] = []
  const app = new Hono<Environment>()
  app.all('*', (c) => {
    seen.push(readIncoming(c))
    return c.body(null)
  })
  await app.fetch(request, env as Environment['Bindings'])
  const [incoming] = seen
  if (incoming === undefined) throw new Error('the request was not read')
  return incoming
}

const request = () => new Request('http://localhost/mcp?x=1', { method: 'POST', headers: { accept: '*/*' } })

describe('readIncoming', () => {
  test('behind a socket: headers as they were sent, twice when they came twice', async () => {
    const rawHeaders = ['Host', 'a', 'HOST', 'b', 'Authorization', 'Bearer x']
    const incoming = { rawHeaders, url: 'http://evil/mcp', socket: { remoteAddress: '203.0.113.9' } }
    const { request: _, ...read_ } = await read(request(), { incoming })
    expect(read_).toEqual({
      httpMethod: 'POST',
      target: 'http://evil/mcp',
      headers: [
        ['host', 'a'],
        ['host', 'b'],
        ['authorization', 'Bearer x'],
      ],
      peer: '203.0.113.9',
    })
  })

  test('in process: what the request says', async () => {
    const { request: _, ...read_ } = await read(request())
    expect(read_).toEqual({ httpMethod: 'POST', target: '/mcp', headers: [['accept', '*/*']], peer: '127.0.0.1' })
  })
})

test('headerValues gives one value for each time a header was sent', () => {
  const headers = [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ] as const
  expect(headerValues({ headers }, 'a')).toEqual(['1', '3'])
  expect(headerValues({ headers }, 'c')).toEqual([])
})
