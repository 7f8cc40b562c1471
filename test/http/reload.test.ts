import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { deferred } from '../../src/lib/deferred.ts'
import { policyBundle, rule, TEST_ADDITIONS } from './policy.ts'
import { held } from './tools.ts'
import { openWorld, stopClocks, until, type World } from './world.ts'

beforeAll(stopClocks)

/** The test policy, and one more rule that closes reading to everyone. */
const CLOSED = {
  ...TEST_ADDITIONS,
  ...rule('closed', 'Nobody reads today', 'deny_call contains _reason if input.resource.id == "readFile"\n'),
}

describe('reload', () => {
  let world: World
  let bundle: string
  beforeEach(async () => {
    world = await openWorld(
      {},
      {
        prepare: async (dir) => {
          bundle = join(dir, 'policy.tar.gz')
          await copyFile(await policyBundle(), bundle)
          return { policies: bundle }
        },
      },
    )
  })
  afterEach(() => world.close())

  const read = async () => {
    const { body } = await world.call('readFile', { path: 'public/a.txt' })
    return (body as { result: { isError?: true } }).result.isError === true ? 'refused' : 'read'
  }
  const policy = async () => {
    const { status, body } = await world.fetch('/readyz')
    return { status, ...(body as { policy: { revision: string; reload_failed?: string } }).policy }
  }

  test('swaps the policy, and says which is in force', async () => {
    const before = await policy()
    expect(await read()).toBe('read')
    await copyFile(await policyBundle(CLOSED), bundle)
    expect(await read()).toBe('read')
    await world.portcullis.reload()
    expect(await read()).toBe('refused')
    const after = await policy()
    expect(after.revision).not.toBe(before.revision)
    const bundles = (await world.decisions()).map((record) => record.bundle?.revision)
    expect(bundles).toEqual([before.revision, before.revision, after.revision])
  })

  test('keeps the policy before when the new one is broken, and says so until one is whole', async () => {
    const before = await policy()
    await writeFile(bundle, 'no bundle')
    await world.portcullis.reload()
    expect(await read()).toBe('read')
    expect(await policy()).toEqual({
      ...before,
      reload_failed: expect.stringMatching(/^policy the bundle is no gzip archive, .+; Build the bundle again/),
    })
    await copyFile(await policyBundle(CLOSED), bundle)
    await world.portcullis.reload()
    expect(await read()).toBe('refused')
    expect((await policy()).reload_failed).toBeUndefined()
  })

  test('limits go on counting', async () => {
    const token = await world.token({ sub: 'r', roles: ['rate-2'] })
    const list = async () => {
      const { body } = await world.call('listFiles', {}, { token })
      return (body as { result: { isError?: true } }).result.isError === true ? 'refused' : 'listed'
    }
    expect(await list()).toBe('listed')
    await copyFile(await policyBundle(CLOSED), bundle)
    await world.portcullis.reload()
    expect([await list(), await list()]).toEqual(['listed', 'refused'])
  })

  test('a call that runs meanwhile ends with the policy that permitted it', async () => {
    held.release = deferred()
    const token = await world.token({ sub: 'a', roles: ['ample'] })
    const started = held.started
    const running = world.call('hold', {}, { token })
    await until(
      async () => held.started,
      (now) => now === started + 1,
    )
    await copyFile(await policyBundle(CLOSED), bundle)
    await world.portcullis.reload()
    held.release.resolve()
    expect((await running).body).toMatchObject({ result: { structuredContent: { done: true } } })
    expect((await world.outcomes()).at(-1)).toMatchObject({ status: 'completed', charged: true })
  })
})
