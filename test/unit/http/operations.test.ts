import { describe, expect, test } from '@jest/globals'
import { type Operations, operationsRoutes } from '../../../src/http/operations.ts'

const routes = (change: Partial<Operations> = {}) =>
  operationsRoutes({
    readiness: async () => ({ policy: { ready: true, revision: 'r1' }, log: { ready: true } }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    ...change,
  })
const get = async (path: string, change?: Partial<Operations>) => {
  const response = await routes(change).request(path)
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

describe('operations', () => {
  test('/healthz lives while the process does', async () => {
    const unready: Partial<Operations> = { readiness: async () => ({ policy: { ready: false } }) }
    expect(await get('/healthz', unready)).toEqual({ status: 200, type: 'application/json', body: '{"status":"ok"}' })
  })

  test('/readyz shows each part', async () => {
    expect(await get('/readyz')).toEqual({
      status: 200,
      type: 'application/json',
      body: '{"ready":true,"policy":{"ready":true,"revision":"r1"},"log":{"ready":true}}',
    })
  })

  test('/readyz: one part that is not ready makes the whole 503', async () => {
    const readiness = async () => ({ policy: { ready: true }, log: { ready: false, dropped: 3 } })
    expect(await get('/readyz', { readiness })).toEqual({
      status: 503,
      type: 'application/json',
      body: '{"ready":false,"policy":{"ready":true},"log":{"ready":false,"dropped":3}}',
    })
  })

  test('/metrics is what the registry writes', async () => {
    expect(await get('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4', body: 'up 1\n' })
  })
})
