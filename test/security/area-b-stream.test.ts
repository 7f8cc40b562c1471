import { describe, expect, jest } from '@jest/globals'
import { attacksOn } from './attack.ts'
import { stopDate } from './fake-date.ts'
import { bearer, META } from './scene.ts'
import { claimsOf } from './server.ts'
import { dial, toBytes } from './wire.ts'

describe('a stream', () => {
  stopDate()
  const attack = attacksOn()

  attack('B-050', async (scene) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { ...claimsOf({ sub: 'mallory', roles: ['readonly'] }), exp: now + 10 }
    const params = { notifications: { toolsListChanged: true }, _meta: META }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params })
    const headers = [
      ['Host', '127.0.0.1'],
      ['Content-Type', 'application/json'],
      ['Accept', 'application/json, text/event-stream'],
      ['Connection', 'close'],
      ['MCP-Protocol-Version', '2026-07-28'],
      ['Mcp-Method', 'subscriptions/listen'],
      bearer(await scene.token(claims)),
    ] as const
    const { socket, received } = await dial(scene.server.port)
    const opened = new Promise((resolve) => socket.once('data', resolve))
    scene.expectRecords(1)
    socket.write(toBytes({ headers, body }))
    expect(String(await opened)).toMatch(/^HTTP\/1\.1 200 /)
    jest.setSystemTime((now + 10 + 30) * 1000)
    // ends only when the server closes it
    expect(String(await received)).toContain('notifications/subscriptions/acknowledged')
  })
})
