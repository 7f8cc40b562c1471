import type { Era } from '../../../src/model/call.ts'
import { answerParent } from '../child.ts'
import { type Message, message } from '../client.ts'
import { configFrom, openPortcullis } from './portcullis.ts'

export type Memory = Readonly<Record<'calls' | 'rss' | 'heapUsed' | 'external', number>>

declare const gc: () => void
const IN_FLIGHT = 8
/** On a slow machine fewer calls are made, and said so. */
const LONGEST_MS = 150_000

const [config = '', tokens = '[]', few, many] = process.argv.slice(2)
const { http } = await openPortcullis(await configFrom(config))
const messages = (JSON.parse(tokens) as readonly string[]).flatMap(messagesOf)
let sent = 0

async function callUntil(count: number): Promise<Memory> {
  const work = async () => {
    while (sent < count && performance.now() < LONGEST_MS) await call(messages[sent++ % messages.length])
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  // Twice, and with a turn between: what the first frees may hold more until its finalizers have run.
  for (let i = 0; i < 2; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { calls: sent, rss, heapUsed, external }
}

async function call(sending: Message | undefined): Promise<void> {
  if (sending === undefined) throw new Error('nothing to send')
  const headers = { ...sending.headers, host: '127.0.0.1' }
  const response = await http.request('/mcp', { method: 'POST', headers, body: sending.body })
  const text = await response.text()
  if (response.status !== 200 || !text.includes('"result"')) throw new Error(`${response.status}: ${text}`)
}

function messagesOf(token: string): readonly Message[] {
  const read = (path: string) => ({ tool: 'readFile', args: { path } })
  const eras: readonly Era[] = ['legacy', 'modern']
  return eras.flatMap((era) => [
    ...['public/a.txt', 'private/a.txt', 'docs/a.txt', 'public/../a.txt', 'docs/missing.txt', 'docs', '.env'].map(
      (path) => message(era, token, read(path)),
    ),
    message(era, token),
  ])
}

answerParent({ few: await callUntil(Number(few)), many: await callUntil(Number(many)) })
