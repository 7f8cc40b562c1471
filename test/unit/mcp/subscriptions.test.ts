import { afterAll, describe, expect, test } from '@jest/globals'
import { createProtocol } from '../../../src/mcp/protocol.ts'
import { createSubscriptions, type Subscribed } from '../../../src/mcp/subscriptions.ts'
import { callOf, SUBJECT } from './permission.ts'

const protocol = createProtocol({ name: 'portcullis', version: '1.2.3', instructions: '' }, () => undefined)
afterAll(() => protocol.close())

const FILTER = { toolsListChanged: true, promptsListChanged: false, resourcesListChanged: false, uris: [] }
const LISTEN = callOf('modern', 'subscriptions/listen', { target: { type: 'subscription', filter: FILTER } })

function open() {
  const due: (() => void)[] = []
  const timer = (run: () => void) => {
    due.push(run)
    return () => undefined
  }
  const subscribe = createSubscriptions({ protocol, timer, perSubject: 2, lifetimeMs: 1 })
  const listen = (id = 'alice', signal = new AbortController().signal) =>
    subscribe(LISTEN, { ...SUBJECT, id }, signal) as Promise<Subscribed>
  return { listen, expire: () => due.forEach((run) => void run()) }
}

const textOf = ({ reply }: Subscribed) => new Response(reply.body).text()

describe('subscriptions', () => {
  test('end after their time, and make room', async () => {
    const { listen, expire } = open()
    const both = [await listen(), await listen()]
    expect(await listen()).toMatchObject({ refused: { error: { code: -31503 } } })
    expect(await listen('bob')).toMatchObject({ reply: { status: 200 } })
    expire()
    for (const one of both) expect(await textOf(one)).toContain('notifications/subscriptions/acknowledged')
    await Promise.all(both.map(({ ended }) => ended))
    expect(await listen()).toMatchObject({ reply: { status: 200 } })
  })

  test('end when their client goes', async () => {
    const { listen } = open()
    const client = new AbortController()
    const one = await listen('alice', client.signal)
    client.abort()
    await textOf(one)
    await one.ended
    expect([await listen(), await listen()]).toMatchObject([{ reply: { status: 200 } }, { reply: { status: 200 } }])
  })
})
