import { describe, expect, test } from '@jest/globals'
import { addressKey, createFloodGuard } from '../../../src/quota/flood.ts'
import { createClocks } from '../../ports/clocks.ts'

describe('createFloodGuard', () => {
  const create = (maxKeys = 100) => {
    const { monotonic, advance } = createClocks()
    return { ...createFloodGuard({ perSecond: 3, burst: 5, maxKeys, monotonic }), advance }
  }
  const passed = (guard: ReturnType<typeof create>, tries: number, key = 'a') =>
    Array.from({ length: tries }, () => guard.take(key)).filter((taken) => taken.ok).length

  test('lets a burst pass, then the rate', () => {
    const guard = create()
    expect(passed(guard, 100)).toBe(5)
    expect(guard.take('a')).toEqual({ ok: false, retryAfterSeconds: 1 })
    guard.advance(1000)
    expect(passed(guard, 100)).toBe(3)
    guard.advance(3_600_000)
    expect(passed(guard, 100)).toBe(5)
  })

  test('says how long to wait, and what it refuses costs nothing', () => {
    const { monotonic, advance } = createClocks()
    const guard = createFloodGuard({ perSecond: 0.1, burst: 1, maxKeys: 10, monotonic })
    guard.take('a')
    advance(2500)
    for (let n = 0; n < 50; n += 1) expect(guard.take('a')).toEqual({ ok: false, retryAfterSeconds: 8 })
    advance(8000)
    expect(guard.take('a')).toEqual({ ok: true })
  })

  test('keys do not touch each other', () => {
    const guard = create()
    expect(passed(guard, 100, 'a')).toBe(5)
    expect(passed(guard, 100, 'b')).toBe(5)
  })

  test('beyond maxKeys it forgets the key that was quiet for longest, and remembers the busy one', () => {
    const guard = create(3)
    passed(guard, 100, 'quiet')
    for (let n = 0; n < 1000; n += 1) {
      expect(guard.take(`other-${n}`)).toEqual({ ok: true })
      guard.take('busy')
    }
    expect(guard.take('busy')).toEqual({ ok: false, retryAfterSeconds: 1 })
    expect(guard.take('quiet')).toEqual({ ok: true })
  })
})

describe('addressKey', () => {
  test.each<[string, string]>([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', 'unknown'],
    ['not an address', 'unknown'],
    ['1:2:3', 'unknown'],
    ['192.0.2.7:443', 'unknown'],
  ])('%s → %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
