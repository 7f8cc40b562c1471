import { describe, expect, test } from '@jest/globals'
import { err, ok } from '../../../../src/lib/result.ts'
import { WITHHELD } from '../../../../src/pap/activation/following.ts'
import {
  AWAY,
  BROKEN,
  bundleOf,
  identityOf,
  LOCATION,
  memoryKept,
  offerOf,
  opened,
  openScene,
  START,
} from './source.ts'

const digest = (text: string) => identityOf(text).sha256

describe('what the source offers', () => {
  test('comes in force, and the one before stays known', async () => {
    const { rollout, pdp, events, offer } = await opened(offerOf('good 1'))
    await offer(offerOf('good 2'), 5)
    expect(pdp.current().bundle).toEqual(identityOf('good 2'))
    expect(rollout.status()).toEqual({
      active: { ...identityOf('good 2'), activated_at: '2026-11-22T15:44:35.000Z' },
      previous: identityOf('good 1'),
      source: {
        kind: 'url',
        location: LOCATION,
        state: 'current',
        checked_at: '2026-11-22T15:44:35.000Z',
        age_seconds: 0,
        faults: [],
      },
    })
    expect(events()).toEqual([{ kind: 'activated', by: 'source', bundle: identityOf('good 2') }])
    expect(rollout.counts()).toEqual({ activations: 2, failures: 0 })
  })

  test('is not activated again while it stays the same', async () => {
    const { rollout, events, offer, summary } = await opened(offerOf('good 1'))
    await offer(offerOf('good 1'), 5)
    await offer({ kind: 'unchanged' }, 5)
    expect([events(), summary()]).toEqual([[], ['good 1', undefined, 'current', 0]])
    expect(rollout.counts()).toEqual({ activations: 1, failures: 0 })
  })

  test('leaves in force what was when it is broken, older or away, and its age grows', async () => {
    const { rollout, events, offer, summary } = await opened(offerOf('good 2'))
    await offer(offerOf('bad'), 5)
    expect(summary()).toEqual(['good 2', undefined, 'refused', 5])
    await offer({ kind: 'unchanged' }, 5)
    expect(summary()).toEqual(['good 2', undefined, 'refused', 10])
    await offer(offerOf('good 1'), 5)
    expect(summary()).toEqual(['good 2', undefined, 'refused', 15])
    await offer(AWAY, 5)
    expect(summary()).toEqual(['good 2', undefined, 'unreachable', 20])
    await offer(AWAY, 5)
    expect(rollout.counts()).toEqual({ activations: 1, failures: 4 })
    expect(events()).toEqual([
      { kind: 'failed', state: 'refused', faults: BROKEN },
      { kind: 'failed', state: 'refused', faults: [expect.objectContaining({ file: '.manifest' })] },
      { kind: 'failed', state: 'unreachable', faults: [{ message: 'it is away', remedy: 'Wait' }] },
    ])
    await offer(offerOf('good 2'), 5)
    expect(summary()).toEqual(['good 2', undefined, 'current', 0])
  })

  test('a folder at hand needs no confirmation', async () => {
    const { pass, summary } = await opened(offerOf('good'), { kind: 'directory' })
    pass(1000)
    expect(summary()).toEqual(['good', undefined, 'current', 0])
  })
})

describe('an operator', () => {
  test('checks and activates; the source does not bring back what was replaced', async () => {
    const { rollout, events, offer, summary } = await opened(offerOf('good 1'))
    expect(await rollout.check(bundleOf('good 2'))).toEqual(ok(identityOf('good 2')))
    expect([rollout.candidate()?.bundle, rollout.status().candidate]).toEqual([
      identityOf('good 2'),
      identityOf('good 2'),
    ])
    expect(await rollout.activate(digest('good 1'))).toMatchObject({ ok: false })
    expect(await rollout.activate(digest('good 2'))).toEqual(ok(identityOf('good 2')))
    expect([rollout.candidate(), rollout.status().candidate]).toEqual([undefined, undefined])
    expect(events().map(({ kind }) => kind)).toEqual(['checked', 'activated'])
    expect([summary(), rollout.status().source.faults]).toEqual([['good 2', 'good 1', 'refused', 0], [WITHHELD]])
    await offer(offerOf('good 1'), 5)
    await offer({ kind: 'unchanged' }, 5)
    expect(summary()).toEqual(['good 2', 'good 1', 'refused', 0])
    await offer(offerOf('good 3'))
    expect(summary()).toEqual(['good 3', 'good 2', 'current', 0])
  })

  test('rolls back, and forth again; nothing that was replaced comes back by itself', async () => {
    const { rollout, offer, summary } = await opened(offerOf('good 1'))
    expect(await rollout.rollback()).toMatchObject({ ok: false, error: [{ message: 'no bundle was in force before' }] })
    await offer(offerOf('good 2'))
    expect(await rollout.rollback()).toEqual(ok(identityOf('good 1')))
    expect(summary()).toEqual(['good 1', 'good 2', 'refused', 0])
    await offer(offerOf('good 2'), 5)
    expect(summary()).toEqual(['good 1', 'good 2', 'refused', 0])
    expect(await rollout.rollback()).toEqual(ok(identityOf('good 2')))
    expect(summary()).toEqual(['good 2', 'good 1', 'current', 0])
    await offer(offerOf('good 1'), 5)
    expect(summary()).toEqual(['good 2', 'good 1', 'refused', 0])
  })

  test('a check of what cannot be used, or is older, leaves the candidate before', async () => {
    const { rollout, offer } = await opened(offerOf('good 2'))
    await rollout.check(bundleOf('good 3'))
    expect(await rollout.check(bundleOf('bad'))).toEqual(err(BROKEN))
    expect(await rollout.check(bundleOf('good 1'))).toMatchObject({ ok: false, error: [{ file: '.manifest' }] })
    expect(rollout.candidate()?.bundle).toEqual(identityOf('good 3'))
    await offer(offerOf('good 4'))
    expect(await rollout.activate(digest('good 3'))).toMatchObject({ ok: false, error: [{ file: '.manifest' }] })
  })

  test('a candidate may come from a source of its own', async () => {
    const { rollout, events } = await opened(offerOf('good 1'), { candidate: offerOf('good 2') })
    rollout.follow()
    await rollout.close()
    expect(rollout.candidate()?.bundle).toEqual(identityOf('good 2'))
    expect(events()).toEqual([{ kind: 'checked', bundle: identityOf('good 2') }])
  })

  test('a candidate that cannot be used is told', async () => {
    const { rollout, events } = await opened(offerOf('good 1'), { candidate: offerOf('bad') })
    rollout.follow()
    await rollout.close()
    expect([rollout.candidate(), events()]).toEqual([undefined, [{ kind: 'candidate_refused', faults: BROKEN }]])
  })
})

describe('a start', () => {
  test('without anything to decide by is refused, with the reason', async () => {
    expect(await openScene(AWAY)).toEqual({ faults: ['it is away'] })
    expect(await openScene(offerOf('bad'))).toEqual({ faults: ['it is broken'] })
  })

  test.each([
    { name: 'away', offer: AWAY, faults: ['it is away'] },
    { name: 'refused', offer: offerOf('bad'), faults: ['it is broken'] },
    { name: 'older', offer: offerOf('good 1'), faults: ['has version 1, and 2 was in force already'] },
  ])('goes on with what was kept when the source is $name', async ({ offer: first, faults }) => {
    const kept = memoryKept()
    const before = await opened(offerOf('good 1'), { kept })
    await before.offer(offerOf('good 2'), 10)
    const { rollout, summary, offer, events } = await opened(first, { kept, at: 100 })
    expect(summary()).toEqual(['good 2', 'good 1', 'last_good', 90])
    expect(rollout.status().active.activated_at).toBe('2026-11-22T15:44:40.000Z')
    expect(rollout.status().source.faults.map(({ message }) => message)).toEqual(faults)
    expect(events()).toMatchObject([{ kind: 'failed', state: 'last_good' }])
    await offer(offerOf('good 2'))
    expect(summary()).toEqual(['good 2', 'good 1', 'current', 0])
  })

  test('takes a newer offer, and can still go back', async () => {
    const kept = memoryKept()
    await opened(offerOf('good 1'), { kept })
    const { rollout, summary } = await opened(offerOf('good 2'), { kept })
    expect(summary()).toEqual(['good 2', 'good 1', 'current', 0])
    expect(await rollout.rollback()).toEqual(ok(identityOf('good 1')))
  })

  test('remembers a rollback: neither the source nor the floor undoes it', async () => {
    const kept = memoryKept()
    const before = await opened(offerOf('good 1'), { kept })
    await before.offer(offerOf('good 2'))
    await before.rollout.rollback()
    expect(kept.last()).toEqual({
      source: LOCATION,
      active: { ...identityOf('good 1'), activated_at: START.toISOString() },
      previous: identityOf('good 2'),
      rejected: [digest('good 2')],
      floor: 2,
      confirmed_at: START.toISOString(),
    })
    const { summary, offer } = await opened(offerOf('good 2'), { kept, at: 50 })
    expect(summary()).toEqual(['good 1', 'good 2', 'last_good', 0])
    await offer(offerOf('good 2'))
    expect(summary()).toEqual(['good 1', 'good 2', 'last_good', 0])
    await offer(offerOf('good 3'))
    expect(summary()).toEqual(['good 3', 'good 1', 'current', 0])
    const again = await opened(offerOf('good 1'), { kept, at: 60 })
    expect(again.summary()).toEqual(['good 3', 'good 1', 'last_good', 10])
  })

  test('of another source knows nothing of what was kept', async () => {
    const kept = memoryKept()
    await opened(offerOf('good 5'), { kept })
    const location = 'https://elsewhere.example.com/bundle.tar.gz'
    expect(await openScene(AWAY, { kept, location })).toEqual({ faults: ['it is away'] })
    const { summary } = await opened(offerOf('good 1'), { kept, location })
    expect(summary()).toEqual(['good 1', undefined, 'current', 0])
  })

  test('is refused when what was kept is too old', async () => {
    const kept = memoryKept()
    await opened(offerOf('good 1'), { kept })
    expect(await openScene(AWAY, { kept, at: 61, maxAgeSeconds: 60 })).toEqual({
      faults: ['it is away', 'the bundle kept on disk was confirmed 61 seconds ago; policy.max_age_seconds is 60'],
    })
  })
})

test('what its source does not confirm for too long decides nothing', async () => {
  const { rollout, offer, pass } = await opened(offerOf('good 1'), { maxAgeSeconds: 60 })
  pass(60)
  expect(rollout.isExpired()).toBe(false)
  await offer(AWAY, 1)
  expect(rollout.isExpired()).toBe(true)
  await offer({ kind: 'unchanged' })
  expect(rollout.isExpired()).toBe(false)
})
