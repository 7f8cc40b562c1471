import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '../../../../src/lib/result.ts'
import { type ClientOptions, createClient } from '../../../../src/pap/source/client.ts'
import { createDownload } from '../../../../src/pap/source/download.ts'
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from './certificates.ts'

let dir: string
let server: Server
const at = (name: string) => join(dir, name)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
  await writeFile(at('ca.pem'), CA)
  await writeFile(at('client.crt'), CLIENT_CERT)
  await writeFile(at('client.key'), CLIENT_KEY)
  const options = { ca: CA, cert: SERVER_CERT, key: SERVER_KEY, requestCert: true, rejectUnauthorized: true }
  server = createServer(options, (_, response) => response.end('one'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await rm(dir, { recursive: true })
})

const get = async (options: ClientOptions) => {
  const { offer } = await createDownload({
    url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/bundle.tar.gz`),
    dispatcher: createClient(options),
    token: async () => ok(undefined),
    maxBytes: 100,
    timeoutMs: 5000,
    timer: () => () => undefined,
  })({}, new AbortController().signal)
  return offer.kind === 'bundle' ? Buffer.from(offer.packed).toString() : offer.kind
}

test('a server that knows us by our certificate, and that we know by its authority', async () => {
  const certificate = { cert: at('client.crt'), key: at('client.key') }
  expect(await get({ ca: at('ca.pem'), certificate })).toBe('one')
})

test.each([
  { name: 'nobody vouches for the server', options: () => ({}) },
  { name: 'we show nothing', options: () => ({ ca: at('ca.pem') }) },
  {
    name: 'our certificate is gone',
    options: () => ({ ca: at('ca.pem'), certificate: { cert: at('gone.crt'), key: at('client.key') } }),
  },
])('$name: nothing is taken', async ({ options }) => {
  expect(await get(options())).toBe('unreachable')
})
