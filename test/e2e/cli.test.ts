import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { policyBundle } from '../http/policy.ts'
import { connectModern } from './clients.ts'
import { type Machine, openMachine } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(60_000)

let machine: Machine
beforeAll(async () => {
  machine = await openMachine()
})
afterAll(() => machine.remove())

test('token prints one access token and nothing else, and the server takes it', async () => {
  const [{ stdout, stderr, code }, server] = await Promise.all([
    machine.command(['token', 'user', '--ttl', '5m']),
    machine.serve(),
  ])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
  expect({ sub: claims.sub, roles: claims.roles, life: claims.exp - claims.iat }).toEqual({
    sub: 'user',
    roles: ['user'],
    life: 300,
  })
  const client = await connectModern(server.url, stdout.trim())
  expect(await client.listTools()).toHaveLength(4)
  await client.close()
  expect((await stat(machine.stateDir)).mode & 0o777).toBe(0o700)

  const second = await machine.command(['serve', '--demo', '--port', server.url.port])
  expect(second.code).toBe(3)
  expect(second.stderr).toContain(`Cannot listen on 127.0.0.1:${server.url.port}: listen EADDRINUSE`)
  expect(second.stderr).toContain('Another port: --port 4000, or npm start -- --port 4000')
  expect(await server.stop()).toBe(0)
})

test('a process ends with the exit code of what it found', async () => {
  const policies = ['--policies', await policyBundle({})]
  const question = ['eval', ...policies, '--subject', 'a', '--roles', 'readonly', '--tool', 'readFile', '--path']
  const commands = [
    [...question, 'docs/a'],
    [...question, 'private/a'],
    ['serve', '--port', 'http'],
    ['doctor', '--workspace', '/no/such/folder'],
  ]
  const ran = await Promise.all(commands.map((args) => machine.command(args)))
  expect(ran.map(({ code }) => code)).toEqual([0, 1, 2, 3])
})

test('eval decides on standard input again as the server did', async () => {
  const server = await machine.serve()
  const client = await connectModern(server.url, await machine.token('readonly'))
  const denied = await client.callTool('readFile', { path: 'private/plans.txt' })
  await client.close()
  await server.stop()
  const record = (await machine.records()).find(({ decision_id }) => denied.text.includes(decision_id))
  const { input, result } = JSON.parse(JSON.stringify(record))
  // the mask of the log takes these away; they must be there again, since a question without arguments is another one
  input.resource.properties.arguments = { path: 'private/plans.txt' }
  input.subject.properties.claims = {}
  const asked = await machine.command(['eval', '-', '--policies', await policyBundle({})], JSON.stringify(input))
  expect({ code: asked.code, decision: JSON.parse(asked.stdout) }).toEqual({ code: 1, decision: result })
})

describe('a configuration that cannot work', () => {
  test('is refused with every fault, its file, line and remedy', async () => {
    const file = join(machine.home, 'bad.yaml')
    await writeFile(
      file,
      [
        'listen:',
        '  prot: 3000',
        'issuers:',
        '  - issuer: http://login.example.com',
        '    audiences: []',
        '    jwks: { url: https://login.example.com/jwks }',
        'workspace: ./nowhere',
        'limits: { body_bytes: big }',
        'enforce: maybe',
      ].join('\n'),
    )
    const { stdout, stderr, code } = await machine.command(['serve', '--config', file])
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    const places = stderr
      .split('\n')
      .flatMap((line) => /^ {2}(\S+?:\d+):\d+: ([\w.]+): .+; .+$/.exec(line)?.slice(1) ?? [])
    expect(places).toEqual(
      [
        [`${file}:2`, 'listen.prot'],
        [`${file}:5`, 'issuers.0.audiences'],
        [`${file}:8`, 'limits.body_bytes'],
        [`${file}:9`, 'enforce'],
        [`${file}:7`, 'workspace'],
      ].flat(),
    )
  })

  test('is refused where it is unsafe outside the demo', async () => {
    const workspace = join(machine.home, 'ws')
    await mkdir(workspace)
    const file = join(machine.home, 'unsafe.yaml')
    await writeFile(file, `listen: { host: 0.0.0.0 }\nworkspace: ${workspace}\npolicies: ${await policyBundle({})}\n`)
    const { stderr, code } = await machine.command(['serve', '--config', file])
    expect(code).toBe(2)
    for (const key of ['issuers', 'allowed_hosts', 'public_url']) expect(stderr).toMatch(new RegExp(`: ${key}: .+; .+`))
  })

  test('a tool module that cannot be loaded stops the start, as does a policy that cannot be built', async () => {
    const file = join(machine.home, 'tools.yaml')
    const policies = await machine.copyPolicies()
    await writeFile(join(policies, 'mcp/rules/stray.rego'), 'package mcp.rules.stray\n\npermit := 1\n')
    await writeFile(join(machine.home, 'none.js'), 'export const nothing = 1\n')
    await writeFile(file, 'tools: [./none.js]\n')
    const args = ['serve', '--demo', '--port', '0', '--config', file, '--policies', policies]
    const { stderr, code } = await machine.command(args)
    expect(code).toBe(2)
    expect(stderr).toContain(
      `${join(machine.home, 'none.js')}: exports no tool, prompt or resource; export what defineTool and its like return`,
    )
    expect(stderr).toMatch(/policy mcp\/rules\/stray\.rego:\d+: .+; .+/)
  })
})

test('the log of the demo is for its user alone', async () => {
  expect((await stat(machine.log)).mode & 0o777).toBe(0o600)
  expect(await readFile(machine.log, 'utf8')).toMatch(/^\{"kind":"decision"/)
})
