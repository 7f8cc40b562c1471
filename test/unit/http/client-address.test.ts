import { describe, expect, test } from '@jest/globals'
import { createClientAddress } from '../../../src/http/client-address.ts'
import { incoming } from './incoming-request.ts'

const PROXIES = ['10.0.0.0/8', '192.0.2.1', '2001:db8:1::/48']
const address = (peer: string, forwarded: string[], proxies: string[] = PROXIES) =>
  createClientAddress(proxies)(
    incoming({ peer, headers: forwarded.map((value) => ['x-forwarded-for', value] as const) }),
  )

describe('the client address', () => {
  test.each<{ what: string; peer: string; forwarded: string[]; is: string; proxies?: string[] }>([
    { what: 'the peer, with no proxy trusted', peer: '10.0.0.1', forwarded: ['1.1.1.1'], is: '10.0.0.1', proxies: [] },
    { what: 'the peer, when it is no proxy (C-045)', peer: '203.0.113.9', forwarded: ['1.1.1.1'], is: '203.0.113.9' },
    { what: 'the peer, when the proxy says nothing', peer: '10.0.0.1', forwarded: [], is: '10.0.0.1' },
    { what: 'what the proxy says', peer: '10.0.0.1', forwarded: ['198.51.100.7'], is: '198.51.100.7' },
    { what: 'the right-most', peer: '10.0.0.1', forwarded: ['1.1.1.1, 198.51.100.7'], is: '198.51.100.7' },
    {
      what: 'the right-most that is no proxy',
      peer: '10.0.0.1',
      forwarded: ['1.1.1.1, 198.51.100.7, 192.0.2.1, 10.9.9.9'],
      is: '198.51.100.7',
    },
    {
      what: 'over several headers in their order',
      peer: '10.0.0.1',
      forwarded: ['1.1.1.1', '198.51.100.7', '10.2.2.2'],
      is: '198.51.100.7',
    },
    {
      what: 'the peer, when all are proxies',
      peer: '10.0.0.1',
      forwarded: ['10.1.1.1, 10.2.2.2'],
      is: '10.0.0.1',
    },
    {
      what: 'the peer, when the next hop is no address',
      peer: '10.0.0.1',
      forwarded: ['198.51.100.7, evil, 10.2.2.2'],
      is: '10.0.0.1',
    },
    { what: 'the peer, when the next hop is empty', peer: '10.0.0.1', forwarded: ['198.51.100.7,'], is: '10.0.0.1' },
    { what: 'the peer, when a port is given', peer: '10.0.0.1', forwarded: ['198.51.100.7:80'], is: '10.0.0.1' },
    { what: 'junk further left is not read', peer: '10.0.0.1', forwarded: ['evil, 198.51.100.7'], is: '198.51.100.7' },
    { what: 'a mapped peer is IPv4', peer: '::ffff:203.0.113.9', forwarded: [], is: '203.0.113.9' },
    { what: 'a mapped proxy', peer: '::FFFF:10.0.0.1', forwarded: ['198.51.100.7'], is: '198.51.100.7' },
    { what: 'a mapped hop', peer: '10.0.0.1', forwarded: ['::ffff:198.51.100.7'], is: '198.51.100.7' },
    { what: 'a mapped hop that is a proxy', peer: '10.0.0.1', forwarded: ['1.1.1.1, ::ffff:10.2.2.2'], is: '1.1.1.1' },
    { what: 'IPv6 behind an IPv6 proxy', peer: '2001:db8:1::5', forwarded: ['2001:db8:2::7'], is: '2001:db8:2::7' },
    { what: 'an IPv6 peer outside the net', peer: '2001:db8:2::5', forwarded: ['1.1.1.1'], is: '2001:db8:2::5' },
  ])('$what', ({ peer, forwarded, is, proxies }) => {
    expect(address(peer, forwarded, proxies)).toBe(is)
  })

  test.each(['bogus', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/', '300.0.0.1'])('%j is no proxy', (entry) => {
    expect(() => createClientAddress([entry])).toThrow()
  })
})
