import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sha256 } from '../../src/lib/digest.ts'
import { buildBundle } from '../../src/pap/bundle/build.ts'
import { readBundle } from '../../src/pap/bundle/read.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'
import { startChild } from './child.ts'
import { CAPABILITIES, findOpa, POLICIES } from './package.ts'
import { policyOf } from './policy.ts'
import { mayRead } from './questions.ts'
import type { Replayed } from './servers/replay.ts'
import { table } from './table.ts'

/** Lines, and how often each question stands in the log: real callers repeat themselves. */
const LOGS = [
  { size: 100_000, times: 1 },
  { size: 100_000, times: 4 },
  { size: 1_000_000, times: 1 },
] as const
const WARM_UP = 1_000

/** How fast a log is decided again on all cores, and what stays in memory when it is ten times as long. */
export async function benchReplaying(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'))
  try {
    const bundle = join(dir, 'bundle.tar.gz')
    const tools = BUILTIN_TOOLS.map(({ name }) => name)
    const built = await buildBundle({
      policyDir: POLICIES,
      opa: await findOpa(),
      capabilities: CAPABILITIES,
      tools,
      out: bundle,
    })
    if (!built.ok) throw new Error(JSON.stringify(built.error))
    const rows: string[][] = []
    for (const { size, times } of LOGS) {
      const log = join(dir, `${size}.ndjson`)
      await pipeline(records(size, size / times, bundle), createWriteStream(log))
      const child = await startChild<Replayed>('servers/replay.js', [log, bundle])
      await child.stop()
      const { same, seconds, peakBytes } = child.answer
      if (same !== size) throw new Error(`${same} of ${size} decisions are the same`)
      const bytes = (await stat(log)).size
      await rm(log)
      const mebibytes = (count: number) => (count / 1_048_576).toFixed(0)
      rows.push([String(size), String(times), mebibytes(bytes), (size / seconds).toFixed(0), mebibytes(peakBytes)])
    }
    return table(
      'replay: decisions of a log decided again',
      ['lines', 'each question', 'MiB', 'decisions/s', 'peak RSS, MiB'],
      rows,
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Three of four are permits, and there are so many different questions. */
async function* records(count: number, questions: number, file: string): AsyncGenerator<string> {
  const { readFile } = await import('node:fs/promises')
  const bundle = await readBundle(await readFile(file))
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
  const policy = await policyOf(bundle.value)
  const results = ['public', 'docs', 'public', 'private'].map((folder) => ({
    folder,
    decided: policy.decide(mayRead('readonly', [folder, 'a.txt'])),
  }))
  let block = ''
  for (let n = 0; n < count; n++) {
    const { folder, decided } = results[n % results.length] ?? { folder: '', decided: undefined }
    const input = mayRead('readonly', [folder, `${n % questions}.txt`])
    const record = {
      kind: 'decision',
      decision_id: `019ab8a4-64a0-7000-8000-${String(n).padStart(12, '0')}`,
      timestamp: '2026-11-22T15:44:00.000Z',
      request_id: String(n),
      bundle: policy.bundle,
      path: 'mcp/main/decision',
      input,
      input_sha256: sha256(JSON.stringify(input)),
      result: decided,
      metrics: { decide: 80 },
    }
    block += `${JSON.stringify(record)}\n`
    if (n % WARM_UP === 0 || n === count - 1) {
      yield block
      block = ''
    }
  }
  policy.close()
}
