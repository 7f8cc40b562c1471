import { BlockList, isIP, isIPv4 } from 'node:net'
import { headerValues, type Incoming } from './incoming.ts'

/**
 * Who sent the request: the peer, unless the peer is a trusted proxy, and then the right-most address of
 * `X-Forwarded-For` that is none. Anything further left could be written by anybody.
 */
export function createClientAddress(trustedProxies: readonly string[]): (incoming: Incoming) => string {
  const trusted = new BlockList()
  for (const entry of trustedProxies) {
    const [address = '', bits] = entry.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits || Number.NaN), family)
  }
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  return (incoming) => {
    const peer = plainAddress(incoming.peer)
    if (trustedProxies.length === 0 || !isTrusted(peer)) return peer
    const hops = headerValues(incoming, 'x-forwarded-for').flatMap((value) => value.split(','))
    for (const hop of hops.reverse()) {
      const address = plainAddress(hop.trim())
      if (isIP(address) === 0) return peer
      if (!isTrusted(address)) return address
    }
    return peer
  }
}

/** An IPv4 peer on a dual-stack socket shows as `::ffff:…`; it is one address, so it is written one way. */
const plainAddress = (address: string): string => (/^::ffff:\d+\./i.test(address) ? address.slice(7) : address)
