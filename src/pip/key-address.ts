import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, fetch } from 'undici'
import type { Fetch } from './key-fetch.ts'

/** What is not on the public internet: the special-purpose registries of IANA (RFC 6890). */
const NOT_PUBLIC = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.ipv4.addSubnet(net, prefix, 'ipv4')
}
// all but global unicast, and of that what carries an IPv4 address inside
for (const [net, prefix] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  NOT_PUBLIC.ipv6.addSubnet(net, prefix, 'ipv6')
}

export function isPublicAddress(address: string): boolean {
  // apart, since an IPv4 address would be found in the IPv6 range that holds all of them
  const family = ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)]
  return family !== undefined && !NOT_PUBLIC[family].check(address, family)
}

/**
 * A `fetch` that connects to public addresses only. What a name resolves to is checked where the connection is
 * made, so that no second resolution can say something else (RFC 9728, 7.7).
 */
export function createPublicFetch(resolve: typeof lookup = lookup): Fetch {
  const dispatcher = new Agent({ connect: { lookup: onlyPublic(resolve) }, maxHeaderSize: 16_384 })
  return async (url, init) => {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic(host)
    return fetch(url, { ...init, dispatcher })
  }
}

const onlyPublic =
  (resolve: typeof lookup): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) return callback(error, [])
      const [first, ...others] = found.filter(({ address }) => isPublicAddress(address))
      if (first === undefined) return callback(notPublic(hostname), [])
      return options.all ? callback(null, [first, ...others]) : callback(null, first.address, first.family)
    })
  }

const notPublic = (host: string) =>
  Object.assign(new Error(`${host} is at no public address`), { code: 'NOT_A_PUBLIC_ADDRESS' })
