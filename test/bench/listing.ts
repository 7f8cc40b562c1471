import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from './child.ts'
import { type Client, createClient, type Message, message } from './client.ts'
import { createFixture, type Fixture } from './fixture.ts'
import { concurrent, interleave } from './sample.ts'
import { millis, table, times } from './table.ts'

const TOOLS = [10, 100, 500]
const ROUNDS = { rounds: 12, warmUp: 3 }
const BATCH = 8

/** `tools/list` of a caller who may see all tools: each one is decided, against a server that lists them all. */
export async function benchListing(): Promise<string> {
  const fixture = await createFixture()
  try {
    const rows: string[][] = []
    for (const count of TOOLS) rows.push(await measure(fixture, count))
    const head = ['tools', 'bare p50', 'p99', 'portcullis p50', 'p99', '÷ bare', 'µs a tool']
    return table('(d) tools/list over loopback, legacy, one in flight, ms', head, rows)
  } finally {
    fixture.remove()
  }
}

async function measure(fixture: Fixture, count: number): Promise<string[]> {
  const settings = { tools: [await writeTools(fixture.dir, count)] }
  const config = await fixture.configure(`tools-${count}`, settings)
  const ours = await startChild<{ port: number }>('servers/main.js', ['portcullis', config])
  const bare = await startChild<{ port: number }>('servers/main.js', ['bare', config])
  const clients = { ours: createClient(ours.answer.port), bare: createClient(bare.answer.port) }
  try {
    const first = message('legacy', await fixture.token('bench', 'admin'))
    const batch = (client: Client) =>
      concurrent(BATCH, 1, async () => {
        const names = await listAll(client, first)
        if (!names.includes(`tool${count - 1}`)) throw new Error(`not the whole list: ${names.length} of ${count}`)
      })
    const taken = await interleave({ bare: batch(clients.bare), ours: batch(clients.ours) }, ROUNDS)
    const figures = [taken.bare, taken.ours].flatMap(({ p50, p99 }) => [millis(p50), millis(p99)])
    const added = taken.ours.p50 - taken.bare.p50
    return [String(count), ...figures, times(taken.ours.p50 / taken.bare.p50), ((added * 1000) / count).toFixed(0)]
  } finally {
    for (const client of Object.values(clients)) client.close()
    await ours.stop()
    await bare.stop()
  }
}

/** Page by page, as a client does. */
async function listAll(client: Client, first: Message): Promise<readonly string[]> {
  const names: string[] = []
  let next: Message | undefined = first
  while (next !== undefined) {
    const { tools, nextCursor } = resultIn(await client.post('/mcp', next))
    names.push(...tools.map(({ name }) => name))
    const { headers, body }: Message = first
    const more = { ...JSON.parse(body), params: { cursor: nextCursor } }
    next = nextCursor === undefined ? undefined : { headers, body: JSON.stringify(more) }
  }
  return names
}

type Page = { readonly tools: readonly { readonly name: string }[]; readonly nextCursor?: string }

/** One document, or the event stream that the SDK alone answers with. */
const resultIn = (answer: string): Page => JSON.parse(answer.slice(answer.indexOf('{'))).result

async function writeTools(dir: string, count: number): Promise<string> {
  const file = join(dir, `tools-${count}.mjs`)
  const source = new URL('./generated-tool.js', import.meta.url).href
  const exported = Array.from({ length: count }, (_, n) => `export const tool${n} = generatedTool(${n})`)
  await writeFile(file, [`import { generatedTool } from '${source}'`, ...exported, ''].join('\n'))
  return file
}
