import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, test } from '@jest/globals'
import { err, ok, type Result } from '../../../src/lib/result.ts'
import { createReadDocument, fetchAnywhere } from '../../../src/pip/key-fetch.ts'
import { createDiscoveredKeySource, createFileKeySource, createUrlKeySource } from '../../../src/pip/key-source.ts'

const url = 'https://issuer.example/jwks'
const json = { 'content-type': 'application/json; charset=utf-8' }

const answering =
  (response: () => Response | Promise<Response>): typeof fetch =>
  () =>
    Promise.resolve(response())

describe('an answer over HTTP', () => {
  test.each<{ name: string; response: () => Response | Promise<Response>; expected: unknown }>([
    { name: 'as JSON', response: () => new Response('{}', { headers: json }), expected: { ok: true, value: '{}' } },
    {
      name: 'as a JWK set',
      response: () => new Response('{}', { headers: { 'content-type': 'application/jwk-set+json' } }),
      expected: { ok: true, value: '{}' },
    },
    {
      name: 'B-045 as HTML',
      response: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      expected: { ok: false, error: `${url} answered not JSON` },
    },
    {
      name: 'with another status',
      response: () => new Response('{}', { status: 503, headers: json }),
      expected: { ok: false, error: `${url} answered status 503` },
    },
    {
      name: 'B-045 of 50 MB',
      response: () => new Response(new Uint8Array(50_000_000), { headers: json }),
      expected: { ok: false, error: `${url} answered more than 262144 bytes` },
    },
    {
      name: 'that never comes',
      response: () => Promise.reject(new TypeError('fetch failed')),
      expected: { ok: false, error: `${url} cannot be read (TypeError)` },
    },
  ])('$name', async ({ response, expected }) => {
    const readDocument = createReadDocument(answering(response))
    expect(await createUrlKeySource({ url, readDocument, maxStale: 600_000 }).read()).toEqual(expected)
  })

  test('B-045 is asked for without redirects and with a deadline', async () => {
    const asked: unknown[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push([input, init?.redirect, init?.signal instanceof AbortSignal])
      return Promise.resolve(new Response('{}', { headers: json }))
    }
    await createReadDocument(fetch)(url)
    expect(asked).toEqual([[url, 'error', true]])
  })
})

test('B-045 a body that never ends is given up, whatever memory is collected meanwhile', async () => {
  const held: ServerResponse[] = []
  const server = createServer((_, response) => {
    held.push(response.setHeader('content-type', 'application/json'))
    response.write('{"keys":[')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  setFlagsFromString('--expose-gc')
  const collecting = setInterval(runInNewContext('gc'), 20)
  try {
    const { port } = server.address() as AddressInfo
    const address = `http://127.0.0.1:${port}/jwks`
    expect(await createReadDocument(fetchAnywhere)(address)).toEqual(err(`${address} cannot be read (TimeoutError)`))
  } finally {
    clearInterval(collecting)
    for (const response of held) response.destroy()
    server.close()
  }
})

const folder = await mkdtemp(join(tmpdir(), 'portcullis-keys-'))
afterAll(() => rm(folder, { recursive: true }))

describe('a file', () => {
  test('is read again when it changes', async () => {
    const path = join(folder, 'jwks.json')
    const { read } = createFileKeySource({ path, now: () => 0 })
    const answers = [await read()]
    await writeFile(path, 'one')
    answers.push(await read())
    await writeFile(`${path}.new`, 'two')
    await rename(`${path}.new`, path)
    answers.push(await read())
    expect(answers).toEqual([
      { ok: false, error: `${path} cannot be read (ENOENT)` },
      { ok: true, value: 'one' },
      { ok: true, value: 'two' },
    ])
  })
})

describe('keys whose address is discovered', () => {
  const HOUR = 3_600_000
  function discovering() {
    const state = { now: 0, address: ok('https://keys.example/1') as Result<string, string>, asked: [] as string[] }
    const down = new Set<string>()
    const source = createDiscoveredKeySource({
      discover: async () => {
        state.asked.push('discover')
        return state.address
      },
      readDocument: async (url) => {
        state.asked.push(url)
        return down.has(url) ? err('down') : ok(`keys at ${url}`)
      },
      maxStale: HOUR,
      now: () => state.now,
    })
    return { state, down, source }
  }

  test('are read from there, without asking for the address each time', async () => {
    const { state, source } = discovering()
    expect([await source.read(), await source.read()]).toEqual(Array(2).fill(ok('keys at https://keys.example/1')))
    expect(state.asked).toEqual(['discover', 'https://keys.example/1', 'https://keys.example/1'])
  })

  test('have their address asked for again after an hour, and when nothing is there', async () => {
    const { state, down, source } = discovering()
    await source.read()
    state.address = ok('https://keys.example/2')
    state.now = HOUR
    expect(await source.read()).toEqual(ok('keys at https://keys.example/2'))
    down.add('https://keys.example/2')
    state.address = ok('https://keys.example/3')
    expect(await source.read()).toEqual(err('down'))
    expect(await source.read()).toEqual(ok('keys at https://keys.example/3'))
  })

  test('cannot be read without an address', async () => {
    const { state, source } = discovering()
    state.address = err('no metadata')
    expect(await source.read()).toEqual(err('no metadata'))
    expect(state.asked).toEqual(['discover'])
  })
})
