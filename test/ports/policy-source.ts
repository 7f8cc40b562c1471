import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Timer } from '../../src/lib/deadline.ts'
import { deferred } from '../../src/lib/deferred.ts'
import type { Offer, PolicySource } from '../../src/pap/source/source.ts'

/** A source, and what stands where it looks. */
export type Ground = {
  readonly source: PolicySource
  readonly put: (content: string) => Promise<void>
  /** As `put`, but with something else of the same name. */
  readonly replace: (content: string) => Promise<void>
  readonly take: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Time that is over at once. */
export const atOnce: Timer = (run) => {
  const handle = setImmediate(run)
  return () => clearImmediate(handle)
}

const never = new AbortController().signal
const contentOf = (offer: Offer) => (offer.kind === 'bundle' ? Buffer.from(offer.packed).toString() : offer.kind)

/** What every policy source must do. */
export function testPolicySource(name: string, open: () => Promise<Ground>): void {
  describe(name, () => {
    let ground: Ground
    beforeEach(async () => {
      ground = await open()
      await ground.put('one')
    })
    afterEach(() => ground.close())

    /** Follows the source; `until` resolves with the first offer of that content, or has it already. */
    function follow() {
      const stop = new AbortController()
      const offers: string[] = []
      let seen = deferred<void>()
      const ended = ground.source.follow(async (offer) => {
        offers.push(contentOf(offer))
        seen.resolve()
      }, stop.signal)
      const until = async (content: string) => {
        while (offers.at(-1) !== content) {
          await seen.promise
          seen = deferred()
        }
      }
      return { until, stop: () => stop.abort(), ended }
    }

    test('offers what is there, each time it is asked', async () => {
      expect(contentOf(await ground.source.read(never))).toBe('one')
      expect(contentOf(await ground.source.read(never))).toBe('one')
      await ground.put('two')
      expect(contentOf(await ground.source.read(never))).toBe('two')
    })

    test('says that it is away, and why, and what to do', async () => {
      await ground.take()
      const offer = await ground.source.read(never)
      expect(offer).toEqual({
        kind: 'unreachable',
        faults: [expect.objectContaining({ message: expect.stringMatching(/./), remedy: expect.stringMatching(/./) })],
      })
    })

    test('hands over each change, the last one of many, and comes back from being away', async () => {
      const { until, stop, ended } = follow()
      await until('one')
      await ground.put('two')
      await until('two')
      for (const content of ['three', 'four', 'five']) await ground.put(content)
      await until('five')
      await ground.take()
      await until('unreachable')
      await ground.put('six')
      await until('six')
      stop()
      await ended
    })

    test('hands over what takes the place of what it followed, and each change of that', async () => {
      const { until, stop, ended } = follow()
      await until('one')
      for (const content of ['two', 'three']) {
        await ground.replace(content)
        await until(content)
        await ground.put(`${content}, changed`)
        await until(`${content}, changed`)
      }
      stop()
      await ended
    })

    test('stops when it is told to, also before it began', async () => {
      const { until, stop, ended } = follow()
      await until('one')
      stop()
      await ended
      const stopped = new AbortController()
      stopped.abort()
      await ground.source.follow(() => Promise.reject(new Error('taken')), stopped.signal)
    })
  })
}
