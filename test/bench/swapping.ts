import { copyFile, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { buildBundle } from '../../src/pap/bundle/build.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { startChild } from './child.ts'
import { createClient, message } from './client.ts'
import { createFixture } from './fixture.ts'
import { CAPABILITIES, findOpa } from './package.ts'
import { millis, table, times } from './table.ts'

const IN_FLIGHT = 16
const SWAPS = 20
const CALLS_A_PHASE = 4_000

type Line = { readonly kind: string; readonly decision_id: string; readonly bundle?: { readonly revision: string } }

/** A server whose bundle is replaced under load, again and again. */
export async function benchSwapping(): Promise<string> {
  const fixture = await createFixture()
  const revisions = ['first', 'second']
  const bundles = await Promise.all(
    revisions.map(async (revision) => {
      const out = join(fixture.dir, `${revision}.tar.gz`)
      const policyDir = join(fixture.dir, 'policies')
      const tools = BUILTIN_TOOLS.map(({ name }) => name)
      const options = { policyDir, opa: await findOpa(), capabilities: CAPABILITIES, tools, revision, out }
      const built = await buildBundle(options)
      if (!built.ok) throw new Error(JSON.stringify(built.error))
      return out
    }),
  )
  const log = join(fixture.dir, 'swapping.ndjson')
  const server = await startChild<{ port: number }>('servers/main.js', [
    'portcullis',
    await fixture.configure('swapping'),
  ])
  const client = createClient(server.answer.port)
  try {
    const read = message('modern', await fixture.token('bench', 'readonly'), {
      tool: 'readFile',
      args: { path: 'public/a.txt' },
    })
    let failed = 0
    const load = async (isOver: (sent: number) => boolean): Promise<readonly number[]> => {
      const taken: number[] = []
      let sent = 0
      const work = async () => {
        while (!isOver(sent++)) {
          const started = performance.now()
          const answer = await client.post('/mcp', read).catch(() => '')
          if (!answer.includes('"structuredContent"')) failed++
          taken.push(performance.now() - started)
        }
      }
      await Promise.all(Array.from({ length: IN_FLIGHT }, work))
      return taken.toSorted((a, b) => a - b)
    }
    const replace = async (n: number) => {
      const next = join(fixture.dir, `next.tar.gz`)
      await copyFile(bundles[n % bundles.length] ?? '', next)
      await rename(next, fixture.bundle)
      await inForce(server.answer.port, revisions[n % revisions.length] ?? '')
    }

    await load((sent) => sent >= CALLS_A_PHASE)
    const before = await load((sent) => sent >= CALLS_A_PHASE)
    let swapping = true
    const swaps = (async () => {
      for (let n = 0; n < SWAPS; n++) await replace(n)
      swapping = false
    })()
    const during = await load(() => !swapping)
    await swaps
    const { decisions, unnamed, doubled, named } = readLines(await readFile(log, 'utf8'))
    const p99 = (taken: readonly number[]) => taken[Math.floor(0.99 * (taken.length - 1))] ?? Number.NaN
    const figures = [SWAPS, during.length, failed, decisions, unnamed, doubled, named].map(String)
    const ratio = times(p99(during) / p99(before))
    return table(
      `policy swaps under load, ${IN_FLIGHT} in flight`,
      [
        '',
        'swaps',
        'calls',
        'failed',
        'decisions',
        'of no revision',
        'of two',
        'revisions',
        'p99 before',
        'during',
        '÷',
      ],
      [['modern, readFile', ...figures, millis(p99(before)), millis(p99(during)), ratio]],
    )
  } finally {
    client.close()
    await server.stop()
    fixture.remove()
  }
}

const PAUSE_MS = 20

async function inForce(port: number, revision: string): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    const { policy } = (await response.json()) as { policy: { revision: string } }
    if (policy.revision === revision) return
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

function readLines(text: string) {
  const lines = text.split('\n').filter(Boolean)
  const decisions = lines.map((line) => JSON.parse(line) as Line).filter(({ kind }) => kind === 'decision')
  const revisions = new Map<string, Set<string>>()
  for (const { decision_id, bundle } of decisions) {
    const named = revisions.get(decision_id) ?? new Set()
    if (bundle !== undefined) named.add(bundle.revision)
    revisions.set(decision_id, named)
  }
  const sizes = [...revisions.values()].map(({ size }) => size)
  const unnamed = sizes.filter((size) => size === 0).length
  const doubled = sizes.filter((size) => size > 1).length
  return {
    decisions: decisions.length,
    unnamed,
    doubled,
    named: new Set([...revisions.values()].flatMap((set) => [...set])).size,
  }
}
