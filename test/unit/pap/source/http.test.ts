import { describe, expect, test } from '@jest/globals'
import type { Ask, Downloaded } from '../../../../src/pap/source/download.ts'
import { createHttpSource } from '../../../../src/pap/source/http.ts'
import { type Offer, unreachable } from '../../../../src/pap/source/source.ts'

const bundle = (etag: string | undefined, longPoll: boolean): Downloaded => ({
  offer: { kind: 'bundle', packed: new Uint8Array([1]) },
  etag,
  longPoll,
})
const unchanged = (longPoll: boolean): Downloaded => ({ offer: { kind: 'unchanged' }, longPoll })
const away: Downloaded = { offer: unreachable('it is away', 'Wait'), longPoll: false }

/** Follows a source that answers so, each time after 40 ms, and says what it was asked and what was waited for. */
async function followed(answers: readonly Downloaded[]) {
  const stop = new AbortController()
  const asks: Ask[] = []
  const pauses: number[] = []
  const offers: Offer['kind'][] = []
  let time = 0
  const source = createHttpSource({
    location: 'https://policies.example.com/bundle.tar.gz',
    download: async (ask) => {
      asks.push(ask)
      time += 40
      return answers[asks.length - 1] ?? away
    },
    pace: { poll: () => 10_000, retry: (failures) => failures },
    waitSeconds: 60,
    timer: (run, milliseconds) => {
      pauses.push(milliseconds)
      time += milliseconds
      const handle = setImmediate(run)
      return () => clearImmediate(handle)
    },
    now: () => time,
  })
  await source.follow(async ({ kind }) => {
    offers.push(kind)
    if (offers.length === answers.length) stop.abort()
  }, stop.signal)
  return { asks, pauses, offers }
}

describe('following a URL', () => {
  test('long polling: asked again at once, but no more than once a second', async () => {
    expect(await followed([bundle('"1"', true), unchanged(true), bundle('"2"', true), unchanged(true)])).toEqual({
      asks: [
        { etag: undefined, waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
        { etag: '"2"', waitSeconds: 60 },
      ],
      pauses: [960, 960, 960],
      offers: ['bundle', 'unchanged', 'bundle', 'unchanged'],
    })
  })

  test('plain files: asked at intervals, without waiting, whether they changed', async () => {
    expect(
      await followed([bundle('"1"', false), unchanged(false), bundle(undefined, false), unchanged(false)]),
    ).toEqual({
      asks: [{ etag: undefined, waitSeconds: 60 }, { etag: '"1"' }, { etag: '"1"' }, { etag: undefined }],
      pauses: [10_000, 10_000, 10_000],
      offers: ['bundle', 'unchanged', 'bundle', 'unchanged'],
    })
  })

  test('away: pauses grow with the failures in a row, and what is known stays known', async () => {
    expect(await followed([bundle('"1"', true), away, away, unchanged(true), away])).toEqual({
      asks: [
        { etag: undefined, waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
        { etag: '"1"', waitSeconds: 60 },
      ],
      pauses: [960, 1, 2, 960],
      offers: ['bundle', 'unreachable', 'unreachable', 'unchanged', 'unreachable'],
    })
  })
})
