import type { Era } from '../../src/model/call.ts'
import { type Child, startChild } from './child.ts'
import { type Client, createClient, message } from './client.ts'
import { CONTENT, createFixture } from './fixture.ts'
import { concurrent, interleave, type Sample } from './sample.ts'
import { millis, more, table } from './table.ts'

const IN_FLIGHT = [1, 8, 32] as const
const ERAS: readonly Era[] = ['legacy', 'modern']
const ROUNDS = { rounds: 30, warmUp: 2 }
/** Until both servers have compiled what they run often: before that a call costs three times as much. */
const WARM_UP = { rounds: 0, warmUp: 40 }
/** Requests of one batch: short enough that both sides meet the same noise. */
const BATCH = 64

type Side = { readonly child: Child<{ port: number }>; readonly client: Client }

/** A `tools/call` of readFile through the whole server, and through the same SDK server that decides nothing. */
export async function benchWalk(): Promise<string> {
  const fixture = await createFixture()
  const bare = await open('bare', await fixture.configure('bare'))
  const remembering = await open('remembering', await fixture.configure('remembering'))
  const ours = await open('portcullis', await fixture.configure('ours'))
  try {
    const token = await fixture.token('bench', 'readonly')
    const rows: string[][] = []
    for (const era of ERAS) {
      const read = message(era, token, { tool: 'readFile', args: { path: 'public/a.txt' } })
      const call = (client: Client) => async () => {
        const answer = await client.post('/mcp', read)
        if (!answer.includes(CONTENT)) throw new Error(`not the file: ${answer.slice(0, 300)}`)
      }
      const batchesOf = (inFlight: number) => ({
        bare: concurrent(BATCH, inFlight, call(bare.client)),
        remembering: concurrent(BATCH, inFlight, call(remembering.client)),
        ours: concurrent(BATCH, inFlight, call(ours.client)),
      })
      await interleave(batchesOf(8), WARM_UP)
      for (const inFlight of IN_FLIGHT) {
        const used = [await bare.child.processorTime(), await ours.child.processorTime()] as const
        const taken = await interleave(batchesOf(inFlight), ROUNDS)
        const cpu = [
          (await bare.child.processorTime()) - used[0],
          (await ours.child.processorTime()) - used[1],
        ] as const
        rows.push(row(`${era}, ${inFlight}`, taken, cpu))
      }
    }
    const server = ['p50', 'p99', 'rps', 'CPU']
    return table(
      '(b) tools/call of readFile over loopback, ms, and processor time of the server a call. Bare: the same SDK, listener and tool, the token verified with jose on every request; +: against one that remembers verified tokens',
      [
        'era, in flight',
        ...server.map((name) => `bare ${name}`),
        ...server,
        'added to p50',
        '+',
        'to CPU',
        'rps ÷ bare',
      ],
      rows,
    )
  } finally {
    for (const { child, client } of [bare, remembering, ours]) {
      client.close()
      await child.stop()
    }
    fixture.remove()
  }
}

async function open(which: 'bare' | 'remembering' | 'portcullis', config: string): Promise<Side> {
  const child = await startChild<{ port: number }>('servers/main.js', [which, config])
  return { child, client: createClient(child.answer.port) }
}

function row(
  name: string,
  { bare, remembering, ours }: Readonly<Record<'bare' | 'remembering' | 'ours', Sample>>,
  [bareCpu, oursCpu]: readonly [number, number],
): string[] {
  const calls = BATCH * (ROUNDS.rounds + ROUNDS.warmUp)
  const figures = ({ p50, p99, rate }: Sample, cpu: number) => [
    millis(p50),
    millis(p99),
    rate.toFixed(0),
    millis(cpu / calls),
  ]
  const ratios = [
    more(ours.p50 / bare.p50),
    more(ours.p50 / remembering.p50),
    more(oursCpu / bareCpu),
    (ours.rate / bare.rate).toFixed(2),
  ]
  return [name, ...figures(bare, bareCpu), ...figures(ours, oursCpu), ...ratios]
}
