import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { connectLegacy, connectModern } from './clients.ts'
import { linkPackages } from './packages.ts'
import { type Machine, openMachine, type Server, until } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(60_000)

/** A tool that ends when its file is there. */
const SLOW_TOOL = `
import { existsSync, watch } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineTool, ok } from 'portcullis'
import { Type } from 'typebox'

const folder = fileURLToPath(new URL('.', import.meta.url))
const Nothing = Type.Object({}, { additionalProperties: false })

export const wait = defineTool({
  name: 'wait',
  title: 'Wait',
  description: 'Ends when it is told to.',
  input: Nothing,
  output: Type.Object({ waited: Type.Boolean() }),
  readOnly: true,
  run: () =>
    new Promise((resolve) => {
      const watcher = watch(folder, () => {
        if (!existsSync(folder + 'released')) return
        watcher.close()
        resolve(ok({ waited: true }))
      })
    }),
})
`

let machine: Machine
beforeEach(async () => {
  machine = await openMachine()
})
afterEach(() => machine.remove())

const serveSlowTool = async (): Promise<Server> => {
  const project = join(machine.home, 'project')
  await linkPackages(project)
  await writeFile(join(project, 'wait.js'), SLOW_TOOL)
  return machine.serve({ config: 'tools: [./project/wait.js]\n' })
}
const release = () => writeFile(join(machine.home, 'project/released'), '')

const waiting = async () => {
  const records = await machine.records()
  const calls = records.filter(({ kind, input }) => kind === 'decision' && input?.resource.id === 'wait')
  const ended = records.filter(({ kind }) => kind === 'outcome').map(({ decision_id }) => decision_id)
  return calls.map(({ decision_id }) => decision_id).filter((id) => !ended.includes(id))
}

test('kill -9 leaves decisions without outcomes, and doctor counts them', async () => {
  const server = await serveSlowTool()
  const token = await machine.token('admin')
  const clients = await Promise.all([connectLegacy(server.url, token), connectModern(server.url, token)])
  const calls = clients.map((client) => client.callTool('wait', {}).catch(() => 'broken off'))
  const ids = await until(waiting, ({ length }) => length === 2)
  expect(await server.stop('SIGKILL')).toBe('SIGKILL')
  await Promise.all(clients.map((client) => client.close()))
  expect(await Promise.all(calls)).toEqual(['broken off', 'broken off'])

  expect((await waiting()).toSorted()).toEqual(ids.toSorted())
  const { stdout, code } = await machine.command(['doctor'])
  expect(code).toBe(1)
  expect(stdout).toContain(`finding  2 permitted calls without an outcome: ${ids.join(', ')}\n`)

  const again = await machine.serve()
  const client = await connectLegacy(again.url, token)
  expect(await client.listTools()).toHaveLength(4)
  await client.close()
})

test.each([
  { wire: 'legacy', connect: connectLegacy, signal: 'SIGTERM' },
  { wire: 'modern', connect: connectModern, signal: 'SIGINT' },
] as const)('$signal lets a running $wire call finish', async ({ connect, signal }) => {
  const server = await serveSlowTool()
  const client = await connect(server.url, await machine.token('admin'))
  const call = client.callTool('wait', {})
  const [id] = await until(waiting, ({ length }) => length === 1)
  server.process.kill(signal)
  await until(
    () =>
      fetch(new URL('/healthz', server.url)).then(
        () => 'open',
        () => 'closed',
      ),
    (door) => door === 'closed',
  )
  await release()
  expect(await call).toEqual({ isError: false, text: '{"waited":true}', structured: { waited: true } })
  expect(await server.ended).toBe(0)
  await client.close()
  const outcomes = (await machine.records()).filter(({ kind, decision_id }) => kind === 'outcome' && decision_id === id)
  expect(outcomes).toMatchObject([{ status: 'completed', charged: true }])
  expect(await waiting()).toEqual([])
})

describe('SIGHUP', () => {
  const DENY = `# METADATA
# title: Nobody reads the news
# custom:
#   code: news.closed
package mcp.rules.news.closed

import data.mcp.lib.result

deny_call contains _reason if {
	some path in input.resource.properties.paths
	path.segments == ["public", "news.md"]
}

_reason := result.reason(rego.metadata.chain())
`

  test('takes an edited rule, and keeps the policy before when the edit is broken', async () => {
    const policies = await machine.copyPolicies()
    const rule = join(policies, 'mcp/rules/news/closed/closed.rego')
    const server = await machine.serve({ flags: ['--policies', policies], config: 'policy: { watch: false }\n' })
    let log = ''
    server.process.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    const client = await connectLegacy(server.url, await machine.token('readonly'))
    const readNews = async () => (await client.callTool('readFile', { path: 'public/news.md' })).text
    const { policy: before } = await server.readyz()
    expect(await readNews()).toContain('# News')

    await mkdir(dirname(rule), { recursive: true })
    await writeFile(rule, DENY)
    server.process.kill('SIGHUP')
    const { policy: closed } = await until(server.readyz, ({ policy }) => policy.revision !== before.revision)
    expect(await readNews()).toContain('Denied by policy: Nobody reads the news [news.closed]')

    await writeFile(rule, DENY.replace('_reason if {', '_reason if'))
    server.process.kill('SIGHUP')
    const broken = await until(server.readyz, ({ policy }) => policy.source.state === 'refused')
    expect(broken).toMatchObject({ ready: true, policy: { revision: closed.revision } })
    expect(log).toContain('mcp/rules/news/closed/closed.rego:')
    expect(await readNews()).toContain('[news.closed]')

    await writeFile(rule, DENY.replace('"news.md"', '"a.txt"'))
    server.process.kill('SIGHUP')
    const opened = await until(server.readyz, ({ policy }) => policy.source.state === 'current')
    expect([before.revision, closed.revision]).not.toContain(opened.policy.revision)
    expect(await readNews()).toContain('# News')
    await client.close()
  })
})

test('a tool of another project, as the README shows it', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const code = /```js tool\n([\s\S]+?)```/.exec(readme)?.[1] ?? ''
  const project = join(machine.home, 'project')
  await linkPackages(project)
  await writeFile(join(project, 'my-tools.js'), code)
  const server = await machine.serve({ config: 'tools: [./project/my-tools.js]\n' })
  const admin = await connectModern(server.url, await machine.token('admin'))
  expect(await admin.listTools()).toEqual(['readFile', 'listFiles', 'searchFiles', 'writeFile', 'addNumbers'])
  expect((await admin.callTool('addNumbers', { a: 2, b: 40 })).structured).toEqual({ sum: 42 })
  expect((await admin.callTool('addNumbers', { a: 'two' })).text).toBe(
    'Invalid arguments: /b is required; /a must be number',
  )
  const readonly = await connectLegacy(server.url, await machine.token('readonly'))
  expect(await readonly.listTools()).toEqual(['readFile', 'listFiles'])
  await expect(readonly.callTool('addNumbers', { a: 2, b: 40 })).rejects.toThrow('Unknown tool: addNumbers')
  await Promise.all([admin.close(), readonly.close()])
})
