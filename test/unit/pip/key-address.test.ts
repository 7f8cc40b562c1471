import type { lookup } from 'node:dns'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createPublicFetch, isPublicAddress } from '../../../src/pip/key-address.ts'
import { createReadDocument } from '../../../src/pip/key-fetch.ts'

describe('an address', () => {
  test.each(['1.1.1.1', '93.184.215.14', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )

  test.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.9.9.9',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...['192.0.0.1', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:10.0.0.1',
      '::ffff:169.254.169.254',
      '64:ff9b::a00:1',
      'fc00::1',
      'fd12::1',
      'fe80::1',
      'ff02::1',
    ],
    ...['2001:db8::1', '2002:a00:1::', '2001::1', 'localhost', '', '10.1', '0x7f.1'],
  ])('%p is not', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('keys at an address that is not public', () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.setHeader('content-type', 'application/json').end('{}')
  })
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  const port = () => (server.address() as AddressInfo).port

  /** A resolver that says what it is told to, as one that an attacker controls would. */
  const resolving = (...addresses: readonly string[]) =>
    ((_name: string, _options: object, callback: (error: null, found: object[]) => void) => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }) as unknown as typeof lookup

  test.each<{ name: string; host: string; addresses: readonly string[] }>([
    { name: 'written out', host: '127.0.0.1', addresses: [] },
    { name: 'written out otherwise', host: '0x7f.1', addresses: [] },
    { name: 'written out as a number', host: '2130706433', addresses: [] },
    { name: 'written out in IPv6', host: '[::1]', addresses: [] },
    { name: 'written out as IPv4 in IPv6', host: '[::ffff:127.0.0.1]', addresses: [] },
    { name: 'by name', host: 'keys.example', addresses: ['127.0.0.1'] },
    { name: 'by a name of several', host: 'keys.example', addresses: ['10.0.0.1', '127.0.0.1', '::1'] },
    { name: 'by a name of none', host: 'keys.example', addresses: [] },
  ])('$name are not fetched', async ({ host, addresses }) => {
    const read = createReadDocument(createPublicFetch(resolving(...addresses)))
    const url = `http://${host}:${port()}/jwks`
    expect(await read(url)).toEqual({ ok: false, error: `${url} cannot be read (NOT_A_PUBLIC_ADDRESS)` })
    expect(asked).toBe(0)
  })
})
