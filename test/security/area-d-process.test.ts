import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { type Machine, openMachine, type Server, until } from '../e2e/portcullis.ts'
import { BLIND, filesOf, hostileReleases, release, replaceFile, TRUSTED_PEM } from './releases.ts'
import { underLoad } from './traffic.ts'

jest.setTimeout(120_000)

/** What must not stand on standard error of a server that was only attacked. */
const ALARMS = /Warning|Unhandled|unhandledRejection|uncaught|TypeError|RangeError|ReferenceError|\n {4}at /

let machine: Machine
let bundle: string
beforeAll(async () => {
  machine = await openMachine()
  bundle = join(machine.home, 'release/bundle.tar.gz')
})
afterAll(() => machine.remove())

/** Room for callers who never pause. */
const config = `
policy:
  state: ./policy-state
  verification_keys: ./keys.pem
  max_bytes: 1048576
limits:
  per_address: { per_second: 1000000, burst: 1000000 }
  per_subject: { per_second: 1000000, burst: 1000000 }
log: { max_bytes: 10737418240 }
`

async function serve(): Promise<{ readonly server: Server; readonly said: () => string }> {
  const server = await machine.serve({ flags: ['--policies', bundle], config })
  let said = ''
  server.process.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return { server, said: () => said }
}

const policyOf = async (server: Server) => {
  const { ready, policy } = await server.readyz()
  return { ready, revision: policy.revision, state: policy.source.state }
}

async function metric(server: Server, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', server.url))).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`portcullis_${name} `))
      ?.split(' ')
      .at(-1),
  )
}

const ask = (server: Server, token: string, method: string) =>
  fetch(new URL('/mcp', server.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }),
  })

type Line = { readonly kind: string; readonly bundle?: { readonly revision: string } }

/** How many decisions the log holds, and which revisions they name. */
async function recorded() {
  const lines = (await readFile(machine.log, 'utf8')).trimEnd().split('\n')
  const decisions = lines.map((line): Line => JSON.parse(line)).filter(({ kind }) => kind === 'decision')
  return { count: decisions.length, revisions: new Set(decisions.map(({ bundle }) => bundle?.revision)) }
}

test('no hostile bundle takes effect while requests are decided; killed, the last good one decides on', async () => {
  const [files, blind] = [await filesOf(), await filesOf(BLIND)]
  const inForce = await release(files, 7)
  const hostile = await hostileReleases(files, 7)
  await writeFile(join(machine.home, 'keys.pem'), TRUSTED_PEM)
  await replaceFile(bundle, inForce.packed)
  const { server, said } = await serve()
  const token = await machine.token('readonly')
  expect(await policyOf(server)).toEqual({ ready: true, revision: 'r7', state: 'current' })

  const answers = await underLoad(
    () => ask(server, token, 'ping'),
    async () => {
      const seen: string[] = []
      for (const { name, packed, said: expected } of hostile) {
        const before = said().length
        await replaceFile(bundle, packed)
        await until(
          async () => ({ name, text: said().slice(before) }),
          ({ text }) => expected.test(text),
        )
        seen.push(`${name}: ${JSON.stringify(await policyOf(server))}`)
      }
      const refused = JSON.stringify({ ready: true, revision: 'r7', state: 'refused' })
      expect(seen).toEqual(hostile.map(({ name }) => `${name}: ${refused}`))
      expect(await metric(server, 'policy_activations_total')).toBe(1)
      expect(await metric(server, 'policy_activation_failures_total')).toBeGreaterThanOrEqual(hostile.length)
      expect(await metric(server, 'policy_source_current')).toBe(0)
      expect(await metric(server, 'policy_active{revision="r7"}')).toBe(1)

      await replaceFile(bundle, (await release(blind, 9)).packed)
      await until(
        () => policyOf(server),
        ({ revision }) => revision === 'r9',
      )
    },
  )
  expect(await (await ask(server, token, 'tools/list')).text()).toContain('"tools":[]')
  expect(new Set(answers)).toEqual(new Set(['200 {"result":{},"jsonrpc":"2.0","id":1}']))
  const log = await recorded()
  expect([...log.revisions].toSorted()).toEqual(['r7', 'r9'])
  expect(log.count).toBe(answers.length + 1)
  expect(ALARMS.exec(said())).toBeNull()
  const written = await readdir(machine.home, { recursive: true })
  expect(written.filter((path) => path.includes('escaped'))).toEqual([])

  expect(await server.stop('SIGKILL')).toBe('SIGKILL')
  await rm(bundle)
  const again = await serve()
  expect(await policyOf(again.server)).toEqual({ ready: true, revision: 'r9', state: 'last_good' })
  expect(await (await ask(again.server, token, 'tools/list')).text()).toContain('"tools":[]')

  // what was in force before the process died still bounds what may come after
  await replaceFile(bundle, (await release(files, 8)).packed)
  await until(
    async () => again.said(),
    (text) => text.includes('has version 8, and 9 was in force already'),
  )
  expect(await policyOf(again.server)).toEqual({ ready: true, revision: 'r9', state: 'last_good' })
  await replaceFile(bundle, (await release(files, 10)).packed)
  await until(
    () => policyOf(again.server),
    ({ revision }) => revision === 'r10',
  )
  expect(await policyOf(again.server)).toEqual({ ready: true, revision: 'r10', state: 'current' })
  expect(await again.server.stop()).toBe(0)
})
