import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { policyBundle, rule, TEST_ADDITIONS } from './policy.ts'
import { openWorld, stopClocks, type World } from './world.ts'

// Sixteen callers that never pause leave little of the machine to a reload.
jest.setTimeout(60_000)
beforeAll(stopClocks)

const LISTING_NOTHING = {
  ...TEST_ADDITIONS,
  ...rule('blind', 'Nobody sees a tool', 'deny contains _reason if input.resource.type == "tool"\n'),
}

test('16 at a time while policies come and go: no failure, and each record is of the one policy that it names', async () => {
  const bundles = [await policyBundle(), await policyBundle(LISTING_NOTHING)]
  let file = ''
  const world = await openWorld(
    {},
    {
      prepare: async (dir) => {
        file = join(dir, 'policy.tar.gz')
        await copyFile(bundles[0] ?? '', file)
        return { policies: file, policy: { watch: false } }
      },
    },
  )
  let isDone = false
  const answers: string[] = []
  const list = async () => {
    while (!isDone) {
      const { status, body } = await world.send({ method: 'tools/list' })
      const { result } = body as { result?: { tools: readonly { name: string }[] } }
      answers.push(`${status} ${result?.tools.map(({ name }) => name)}`)
      // the answer alone never leaves this turn of the event loop
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const callers = Array.from({ length: 16 }, list)
  const inForce: (string | undefined)[] = [await revisionOf(world)]
  for (let turn = 1; turn <= 3; turn++) {
    await copyFile(bundles[turn % 2] ?? '', file)
    await world.portcullis.reload()
    inForce.push(await revisionOf(world))
  }
  isDone = true
  await Promise.all(callers)
  const [open, closed] = inForce
  expect(inForce).toEqual([open, closed, open, closed])
  expect(new Set(answers)).toEqual(new Set(['200 readFile,listFiles', '200 ']))
  const said = (await world.decisions()).map(({ bundle, listed }) => `${bundle?.revision} ${listed?.shown}`)
  expect(said).toHaveLength(answers.length)
  expect(new Set(said)).toEqual(new Set([`${open} 2`, `${closed} 0`]))
  await world.close()
})

const revisionOf = async (world: World): Promise<string | undefined> =>
  ((await world.fetch('/readyz')).body as { policy?: { revision: string } }).policy?.revision
