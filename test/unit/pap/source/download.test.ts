import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Timer } from '../../../../src/lib/deadline.ts'
import { err, ok, type Result } from '../../../../src/lib/result.ts'
import { createClient } from '../../../../src/pap/source/client.ts'
import { type Ask, createDownload } from '../../../../src/pap/source/download.ts'
import { type BundleServer, openBundleServer } from '../../../ports/bundle-server.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
type Token = Result<string | undefined, string>

const never = new AbortController().signal
const noDeadline: Timer = () => () => undefined

let server: BundleServer
beforeEach(async () => {
  server = await openBundleServer('opa')
  server.put(Buffer.from('one'))
})
afterEach(() => server.close())

const get = (ask: Ask = {}, { token = ok(undefined), timer = noDeadline }: { token?: Token; timer?: Timer } = {}) =>
  createDownload({
    url: new URL(server.url),
    dispatcher: createClient({}),
    token: async () => token,
    maxBytes: 1000,
    timeoutMs: 5000,
    timer,
  })(ask, never)

const fault = (kind: 'refused' | 'unreachable', message: string, remedy: string) => ({
  offer: { kind, faults: [{ message, remedy }] },
  longPoll: false,
})
const ETAG = '"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"'

describe('a question', () => {
  test('asks for a snapshot, and shows the token', async () => {
    const answer = await get({}, { token: ok('secret') })
    expect(answer).toEqual({ offer: { kind: 'bundle', packed: Buffer.from('one') }, etag: ETAG, longPoll: true })
    const [{ prefer, authorization, 'if-none-match': known } = {}] = server.requests
    expect({ prefer, authorization, known }).toEqual({
      prefer: 'modes=snapshot',
      authorization: 'Bearer secret',
      known: undefined,
    })
  })

  test('says what is known, and how long the answer may take', async () => {
    server.answer((_, response) => response.writeHead(304).end())
    expect(await get({ etag: ETAG, waitSeconds: 60 })).toEqual({ offer: { kind: 'unchanged' }, longPoll: false })
    const [{ prefer, authorization, 'if-none-match': known } = {}] = server.requests
    expect({ prefer, authorization, known }).toEqual({
      prefer: 'modes=snapshot;wait=60',
      authorization: undefined,
      known: ETAG,
    })
  })

  test('is not asked without the token that it needs', async () => {
    expect(await get({}, { token: err('cannot be asked: TOKEN holds no token') })).toEqual(
      fault(
        'unreachable',
        'the policy source cannot be asked: TOKEN holds no token',
        'Provide the token that policy.token names',
      ),
    )
    expect(server.requests).toEqual([])
  })
})

const redirectTo =
  (location: string): Answer =>
  (_, response) =>
    response.writeHead(302, { location }).end()

describe('an answer', () => {
  const cases: readonly { name: string; answer: Answer; expected: object }[] = [
    {
      name: 'of a broken server',
      answer: (_, response) => response.writeHead(500).end('x'.repeat(100_000)),
      expected: fault('unreachable', 'the policy source answered with status 500', 'Look at the log of that server'),
    },
    {
      name: 'that wants to know who asks',
      answer: (_, response) => response.writeHead(401).end(),
      expected: fault(
        'unreachable',
        'the policy source answered with status 401',
        'Give it policy.token, or policy.client_certificate',
      ),
    },
    {
      name: 'that leads to another host',
      answer: redirectTo('http://localhost:1/bundle.tar.gz'),
      expected: fault(
        'unreachable',
        'the policy source redirects to another origin, http://localhost:1',
        'Configure the address that it redirects to, if it is to be trusted',
      ),
    },
    {
      name: 'that leads to another scheme',
      answer: redirectTo('file:///etc/passwd'),
      expected: fault(
        'unreachable',
        'the policy source redirects to another origin, null',
        'Configure the address that it redirects to, if it is to be trusted',
      ),
    },
    {
      name: 'that leads in circles',
      answer: redirectTo('/bundle.tar.gz'),
      expected: fault(
        'unreachable',
        'the policy source redirects more than 3 times',
        'Configure the address that it ends at',
      ),
    },
    {
      name: 'that is larger than allowed, however it is sent',
      answer: (_, response) => {
        // never ends by itself: it is the reader that hangs up
        const more = () => response.write('x'.repeat(600), more)
        response.writeHead(200).on('error', () => undefined)
        more()
      },
      expected: fault('refused', 'the bundle is larger than 1000 bytes', 'Raise policy.max_bytes if it has to be'),
    },
  ]
  test.each(cases)('$name', async ({ answer, expected }) => {
    server.answer(answer)
    expect(await get()).toEqual(expected)
  })

  test('from elsewhere on the same server', async () => {
    server.answer((request, response) => {
      if (request.url === '/bundle.tar.gz') response.writeHead(307, { location: 'v2/bundle.tar.gz' }).end()
      else response.writeHead(200).end(`at ${request.url}`)
    })
    expect(await get({}, { token: ok('secret') })).toEqual({
      offer: { kind: 'bundle', packed: Buffer.from('at /v2/bundle.tar.gz') },
      etag: undefined,
      longPoll: false,
    })
    expect(server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret'])
  })

  test('that breaks off is none', async () => {
    server.answer((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x')
      response.socket?.end()
    })
    expect(await get()).toMatchObject({ offer: { kind: 'unreachable' } })
  })

  test('that takes too long, the time that the server was given included', async () => {
    const deadlines: number[] = []
    server.answer((_, response) => void response.writeHead(200).write('x'))
    const timer: Timer = (run, milliseconds) => {
      deadlines.push(milliseconds)
      setImmediate(run)
      return () => undefined
    }
    const answer = await get({ waitSeconds: 60 }, { timer })
    expect({ answer, deadlines }).toEqual({
      answer: fault(
        'unreachable',
        'the policy source cannot be asked: no answer within 65000 ms',
        'Make the policy source reachable',
      ),
      deadlines: [65_000],
    })
  })

  test('that nobody gives', async () => {
    await server.close()
    const answer = await get()
    expect(answer).toMatchObject({
      offer: {
        kind: 'unreachable',
        faults: [{ message: expect.stringContaining('ECONNREFUSED'), remedy: 'Make the policy source reachable' }],
      },
    })
    server = await openBundleServer('opa')
  })
})
