import { generateKeyPairSync } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { deferred } from '../../src/lib/deferred.ts'
import { policyBundle, policyTree, rule, TEST_ADDITIONS } from './policy.ts'
import { held } from './tools.ts'
import { openWorld, stopClocks, until, type World } from './world.ts'

// Every bundle is tried before it counts, in a thread of its own.
jest.setTimeout(30_000)
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
          return { policies: bundle, policy: { watch: false } }
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
    return { status, ...(body as { policy: { revision: string; source: { state: string } } }).policy }
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
    // anybody may ask this: it says that something is wrong, and not what
    expect(await policy()).toEqual({ ...before, source: { ...before.source, state: 'refused' } })
    await copyFile(await policyBundle(CLOSED), bundle)
    await world.portcullis.reload()
    expect(await read()).toBe('refused')
    expect((await policy()).source.state).toBe('current')
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

describe('a source that is watched', () => {
  const edited = async (policies: string, change: () => Promise<unknown>) => {
    const world = await openWorld({}, { prepare: async () => ({ policies }) })
    const answer = async () => {
      const { body } = await world.call('readFile', { path: 'public/a.txt' })
      return (body as { result: { isError?: true } }).result.isError === true ? 'refused' : 'read'
    }
    const before = await answer()
    await change()
    const after = await until(answer, (now) => now === 'refused')
    await world.close()
    return [before, after]
  }

  test('a bundle that another takes the place of', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'portcullis-reload-'))
    const file = join(dir, 'policy.tar.gz')
    await copyFile(await policyBundle(), file)
    await copyFile(await policyBundle(CLOSED), join(dir, 'next'))
    expect(await edited(file, () => rename(join(dir, 'next'), file))).toEqual(['read', 'refused'])
    await rm(dir, { recursive: true })
  })

  test('a rule that is written into a policy folder', async () => {
    const dir = await policyTree(TEST_ADDITIONS)
    const write = async () => {
      for (const [path, text] of Object.entries(CLOSED)) {
        if (!path.includes('/closed/')) continue
        await mkdir(dirname(join(dir, path)), { recursive: true })
        await writeFile(join(dir, path), text)
      }
    }
    expect(await edited(dir, write)).toEqual(['read', 'refused'])
    await rm(dir, { recursive: true })
  })
})

test('an unsigned bundle is none where keys are configured', async () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const opening = openWorld(
    {},
    {
      prepare: async (dir) => {
        const verification_keys = join(dir, 'keys.pem')
        await writeFile(verification_keys, publicKey.export({ type: 'spki', format: 'pem' }))
        return { policy: { verification_keys } }
      },
    },
  )
  await expect(opening).rejects.toThrow(/^policy .+signatures\.json/)
})
