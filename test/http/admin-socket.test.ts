import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { run } from '../unit/cli/run.ts'
import { policyBundle, rule, TEST_ADDITIONS } from './policy.ts'
import { openWorld, stopClocks, until, type World } from './world.ts'

beforeAll(stopClocks)

/** A policy that shuts out everybody who could replace it. */
const LOCKED = {
  ...TEST_ADDITIONS,
  ...rule('locked', 'Nobody administers', 'deny contains _reason if input.resource.type == "policy"\n'),
}

let locked: string
beforeAll(async () => {
  locked = await policyBundle(LOCKED)
}, 60_000)

let world: World
let socket: string
beforeEach(async () => {
  world = await openWorld(
    {},
    {
      prepare: async (dir) => {
        socket = join(dir, 'admin.sock')
        return { admin: { enabled: true, socket } }
      },
    },
  )
}, 60_000)
afterEach(() => world.close())

const rollout = (...args: readonly string[]) => run('rollout', ...args, '--socket', socket)
const inForce = async () => {
  const { stdout } = await rollout('status', '--format', 'json')
  return (JSON.parse(stdout) as { active: { revision: string } }).active.revision
}
const records = async () => {
  const text = await readFile(join(world.dir, 'decisions.ndjson'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

describe('the shell of the machine', () => {
  test('brings back a policy that lets administrators in', async () => {
    const before = await inForce()
    expect(await rollout('activate', locked)).toMatchObject({ stderr: '', code: 0 })
    const token = await world.token({ sub: 'ann', roles: ['admin'], scope: 'mcp:admin' })
    const shut = await world.fetch('/admin/policies', { headers: { authorization: `Bearer ${token}` } })
    expect([shut.status, (await inForce()) === before]).toEqual([403, false])

    expect(await rollout('rollback')).toMatchObject({ stderr: '', code: 0 })
    const open = await world.fetch('/admin/policies', { headers: { authorization: `Bearer ${token}` } })
    expect([open.status, await inForce()]).toEqual([200, before])
  })

  test('is recorded, with what no policy was asked', async () => {
    await rollout('rollback')
    const [decision, outcome] = await until(records, (lines) => lines.length === 2)
    expect(decision).toMatchObject({
      kind: 'decision',
      input: {
        subject: { type: 'operator', id: `uid:${process.getuid?.()}`, properties: { issuer: 'urn:portcullis:local' } },
        action: { name: 'policy/rollback' },
        resource: { type: 'policy', id: 'files' },
      },
      result: {
        effect: 'permit',
        reasons: [{ code: 'break_glass', message: 'From a shell of this machine; policy was not asked' }],
      },
    })
    expect({ path: decision.path, refusal: decision.refusal }).toEqual({ path: undefined, refusal: undefined })
    expect(outcome).toMatchObject({ decision_id: decision.decision_id, status: 'fault', fault: 'policy_unchanged' })
  })

  test('takes no bundle that cannot be used', async () => {
    const before = await inForce()
    const { stderr, code } = await rollout('activate', join(world.dir, 'jwks.json'))
    expect({ stderr: stderr.split('\n')[0], code }).toEqual({ stderr: 'The bundle cannot be used', code: 1 })
    expect(await inForce()).toBe(before)
  })

  test('reaches administration and nothing else', async () => {
    const status = (path: string) =>
      new Promise((resolve) => {
        request({ socketPath: socket, path, method: 'POST' }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).end()
      })
    expect([await status('/mcp'), await status('/admin/policies/rollback')]).toEqual([404, 409])
  })

  test('is served by the first of two servers with one socket', async () => {
    const before = await inForce()
    const second = await openWorld({ admin: { socket } })
    expect(await inForce()).toBe(before)
    await second.close()
    expect(await inForce()).toBe(before)
  })

  test('needs a folder that is closed to others, or the server does not start', async () => {
    const prepare = async (dir: string) => {
      const open = join(dir, 'open')
      await mkdir(open)
      await chmod(open, 0o755)
      return { admin: { socket: join(open, 'admin.sock') } }
    }
    await expect(openWorld({}, { prepare })).rejects.toThrow(
      /^admin\.socket: .+ is open to other users; run: chmod 700/,
    )
  })

  test('is of the user that the server runs as', async () => {
    const modes = await Promise.all(
      [world.dir, socket].map(async (path) => ((await stat(path)).mode & 0o777).toString(8)),
    )
    expect(modes).toEqual(['700', '600'])
  })
})
