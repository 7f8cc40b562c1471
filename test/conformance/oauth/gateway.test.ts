import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { formatFaults, loadConfig } from '../../../src/config/load.ts'
import {
  denied,
  expectAnswer,
  headerMismatch,
  invalidArguments,
  NO_DOTS,
  ORIGIN_NOT_ALLOWED,
} from '../../security/expected.ts'
import { META } from '../../security/scene.ts'
import { openGateway } from './gateway.ts'

const gateway = openGateway()

describe('5.2: transport', () => {
  test.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example'])(
    '5.2/23 an Origin that is not ours is 403: %s',
    async (origin) => {
      const { rpc } = await gateway.scene('alice')
      expectAnswer(await rpc('tools/list', {}, { headers: [['Origin', origin]] }), ORIGIN_NOT_ALLOWED)
    },
  )

  test('5.2/24 listens on loopback unless told otherwise, and then not without its host names', async () => {
    const load = (host: string) => loadConfig({ env: { PORTCULLIS_LISTEN_HOST: host }, flags: {}, cwd: '/' })
    const [preset, open] = await Promise.all([load('127.0.0.1'), load('0.0.0.0')])
    const faultsOf = (loaded: typeof open) => (loaded.ok ? '' : formatFaults(loaded.error))
    expect(faultsOf(preset)).not.toContain('allowed_hosts')
    expect(faultsOf(open)).toContain('allowed_hosts: expected the host names to serve')
  })

  test('5.2/25 headers that contradict the body are refused', async () => {
    const { send, attacker } = await gateway.scene('alice')
    const answer = await send({
      headers: [
        ['Host', '127.0.0.1'],
        ['Content-Type', 'application/json'],
        ['Accept', 'application/json, text/event-stream'],
        ['Connection', 'close'],
        ['Authorization', `Bearer ${attacker.token}`],
        ['MCP-Protocol-Version', '2026-07-28'],
        ['Mcp-Method', 'ping'],
      ],
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: META } }),
    })
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([400, headerMismatchCode])
  })

  test.each(['http://login.example.com', 'http://10.0.0.1'])(
    '5.2/26 an authorization server over plain http is refused at the start: %s',
    async (issuer) => {
      const issuers = [{ issuer, audiences: ['a'], jwks: { discover: true } }]
      const loaded = await loadConfig({ env: { PORTCULLIS_ISSUERS: JSON.stringify(issuers) }, flags: {}, cwd: '/' })
      expect(loaded.ok ? '' : formatFaults(loaded.error)).toContain('a plain-http issuer can be impersonated')
    },
  )
})

const headerMismatchCode = (headerMismatch('').body as { error: { code: number } }).error.code

describe('5.2: handles and tasks', () => {
  test.each(['tasks/get', 'tasks/update', 'tasks/cancel', 'tasks/list', 'tasks/result'])(
    '5.2/30 %s of anybody is like one that never was',
    async (method) => {
      const { rpc } = await gateway.scene('alice')
      const answers = await Promise.all(
        ['1', 'another'].map((taskId) => rpc(method, { taskId }, { headers: [['Mcp-Name', taskId]] })),
      )
      const seen = answers.map(({ status, body }) => [status, body])
      expect(seen[0]).toEqual(seen[1])
      expect(answers[0]?.status).toBeGreaterThanOrEqual(400)
    },
  )

  test('5.2/31 a requestState that is not ours has no effect', async () => {
    const { rpc } = await gateway.scene('alice')
    const params = {
      name: 'writeFile',
      arguments: { path: 'public/x', content: 'x' },
      requestState: 'eyJhZG1pbiI6dHJ1ZX0',
    }
    const answer = await rpc('tools/call', params, { headers: [['Mcp-Name', 'writeFile']] })
    const { result } = JSON.parse(answer.body)
    expect(result === undefined || result.isError).toBe(true)
  })
})

describe('5.2: gateway', () => {
  test('5.2/37 what a caller or a tool calls read-only counts for nothing against the catalogue', async () => {
    const { call } = await gateway.scene('alice', ['readonly'], 'mcp:write')
    const claimed = { path: 'public/x', content: 'x', annotations: { readOnlyHint: true } }
    const { body } = await call('writeFile', claimed)
    expect(JSON.parse(body).error.message).toBe('Unknown tool: writeFile')
  })

  test('5.2/38 inputs are validated and access is checked before the operation', async () => {
    const { call } = await gateway.scene('alice')
    expectAnswer(await call('readFile', { path: 'public/../private/k' }), invalidArguments([NO_DOTS]))
    expectAnswer(await call('readFile', { path: 'private/k' }), denied(['paths.outside']))
  })

  test('5.2/39 a list is private, and each call is decided anew whatever a list has shown', async () => {
    const { rpc, caller, call } = await gateway.scene('alice')
    const { result } = JSON.parse((await rpc('tools/list')).body)
    expect([result.cacheScope, result.tools.map(({ name }: { name: string }) => name)]).toEqual([
      'private',
      ['readFile', 'listFiles'],
    ])
    const stranger = await caller({ sub: 'eve', roles: [] })
    const { body } = await call('readFile', { path: 'public/ok.txt' }, { as: stranger })
    expect(JSON.parse(body).error.message).toBe('Unknown tool: readFile')
  })
})

test('every row that binds a resource server has its test', () => {
  const folder = new URL('./', import.meta.url)
  const text = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n')
  const rows = new Set([...text.matchAll(/5\.2\/(\d+)/g)].map(([, row]) => Number(row)))
  // 15 is of upstreams over stdio, 32 to 36 of clients and of proxies to third parties
  const binding = [...range(1, 14), ...range(16, 31), ...range(37, 39)]
  expect(binding.filter((row) => !rows.has(row))).toEqual([])
})

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n)
