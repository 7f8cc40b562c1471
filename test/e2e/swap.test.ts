import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { policyBundle } from '../http/policy.ts'
import { type BundleServer, openBundleServer } from '../ports/bundle-server.ts'
import { connectModern } from './clients.ts'
import { type Machine, openMachine, type Server, until } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(90_000)

const CLOSED = `# METADATA
# title: Nobody reads today
# custom:
#   code: tests.closed
package mcp.rules.tests.closed

import data.mcp.lib.result

deny_call contains _reason if input.resource.id == "readFile"

_reason := result.reason(rego.metadata.chain())
`

let machine: Machine
let source: BundleServer
beforeEach(async () => {
  machine = await openMachine()
  source = await openBundleServer('opa')
})
afterEach(async () => {
  await machine.remove()
  await source.close()
})

const serve = () =>
  machine.serve({
    flags: ['--policies', source.url],
    config: 'policy: { state: ./policy-state, poll: { min_seconds: 1, max_seconds: 1, timeout_seconds: 5 } }\n',
  })

async function read(server: Server): Promise<string> {
  const client = await connectModern(server.url, await machine.token('readonly'))
  const { text } = await client.callTool('readFile', { path: 'public/news.md' })
  await client.close()
  return text
}

test('a URL: taken within its long poll; killed and started while it is away, the last good bundle decides', async () => {
  source.put(await readFile(await policyBundle({})))
  const first = await serve()
  const before = (await first.readyz()).policy
  expect(before.source.state).toBe('current')
  expect(await read(first)).toContain('# News')

  source.put(await readFile(await policyBundle({ 'mcp/rules/tests/closed/closed.rego': CLOSED })))
  const { policy: closed } = await until(first.readyz, ({ policy }) => policy.revision !== before.revision)
  expect(await read(first)).toContain('Denied by policy: Nobody reads today [tests.closed]')

  source.put(Buffer.from('no bundle'))
  await until(first.readyz, ({ policy }) => policy.source.state === 'refused')
  expect(await read(first)).toContain('[tests.closed]')
  expect(await first.stop('SIGKILL')).toBe('SIGKILL')

  source.answer((_, response) => response.writeHead(503).end())
  const second = await serve()
  expect((await second.readyz()).policy).toMatchObject({
    revision: closed.revision,
    source: { kind: 'url', state: 'last_good' },
  })
  expect(await read(second)).toContain('[tests.closed]')

  source.answer(undefined)
  source.put(await readFile(await policyBundle({})))
  await until(second.readyz, ({ policy }) => policy.source.state === 'current')
  expect(await read(second)).toContain('# News')
})

test('a URL that is away, and nothing kept: there is no start', async () => {
  await expect(serve()).rejects.toThrow(
    'policy the policy source answered with status 404; Correct the address in policies',
  )
  expect(await readFile(join(machine.home, 'policy-state/rollout.json'), 'utf8').catch(() => 'none')).toBe('none')
})
