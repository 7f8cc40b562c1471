import { BlockList, isIP } from 'node:net'

/** A setting of the right form that cannot work, or is unsafe. */
export type Finding = { readonly members: readonly string[]; readonly problem: string; readonly remedy: string }

export const finding = (members: readonly string[], problem: string, remedy: string): Finding => ({
  members,
  problem,
  remedy,
})

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '')
  return (
    address === 'localhost' || (isIP(address) !== 0 && LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
  )
}

/** Or plain http that does not leave this machine. */
export const isHttps = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
