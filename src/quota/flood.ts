import { isIP, isIPv4 } from 'node:net'
import { LRUCache } from 'lru-cache'

export type FloodGuard = {
  readonly take: (key: string) => { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }
}

/** Milliseconds: what floating point loses over a burst. */
const TOLERANCE = 1e-3

/**
 * One token bucket a key, before anything is known of a request. What is held is bounded: beyond `maxKeys`
 * the key that was quiet for longest is forgotten, and starts with a full bucket when it comes back.
 */
export const createFloodGuard = (options: {
  readonly perSecond: number
  readonly burst: number
  readonly maxKeys: number
  /** Milliseconds, never backwards. */
  readonly monotonic: () => number
}): FloodGuard => {
  const { perSecond, burst, maxKeys, monotonic } = options
  const interval = 1000 / perSecond
  const emptyAt = new LRUCache<string, number>({ max: maxKeys })
  return {
    take: (key) => {
      const now = monotonic()
      const next = Math.max(emptyAt.get(key) ?? now, now) + interval
      const wait = next - interval * burst - now
      if (wait > TOLERANCE) return { ok: false, retryAfterSeconds: Math.ceil(wait / 1000) }
      emptyAt.set(key, next)
      return { ok: true }
    },
  }
}

/** The bucket of an address: an IPv4 address, or the /64 that one IPv6 host can choose freely from. */
export const addressKey = (address: string): string => {
  const [bare = ''] = address.split('%')
  if (isIPv4(bare)) return bare
  if (isIP(bare) === 0) return 'unknown'
  const groups = ipv6Groups(bare)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  const prefix = groups.slice(0, 4).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
const ipv6Groups = (address: string): readonly number[] => {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const parse = (part: string | undefined) =>
    part === undefined || part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [left, right] = hex.split('::')
  const before = parse(left)
  const after = parse(right)
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after]
}
