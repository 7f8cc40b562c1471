import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { createFileKeySource, createUrlKeySource } from '../../../src/pip/key-source.ts'

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
    expect(await createUrlKeySource({ url, fetch: answering(response) }).read()).toEqual(expected)
  })

  test('B-045 is asked for without redirects and with a deadline', async () => {
    const asked: unknown[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push([input, init?.redirect, init?.signal instanceof AbortSignal])
      return Promise.resolve(new Response('{}', { headers: json }))
    }
    await createUrlKeySource({ url, fetch }).read()
    expect(asked).toEqual([[url, 'error', true]])
  })
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
