import { startChild } from './child.ts'
import { createFixture } from './fixture.ts'
import type { Memory } from './servers/exercise.ts'
import { table } from './table.ts'

const SUBJECTS = 20
const FEW = 1_000
const MANY = 100_000

/** What stays in memory after a hundred times as many calls, through the HTTP app in one process. */
export async function benchMemory(): Promise<string> {
  const fixture = await createFixture()
  try {
    const log = { sink: 'file', path: `${fixture.dir}/memory.ndjson`, max_bytes: 1_048_576, max_files: 1 }
    const config = await fixture.configure('memory', { log })
    const subjects = Array.from({ length: SUBJECTS }, (_, n) => fixture.token(`bench-${n}`, 'readonly'))
    const tokens = JSON.stringify(await Promise.all(subjects))
    const args = [config, tokens, String(FEW), String(MANY)]
    const child = await startChild<{ few: Memory; many: Memory }>('servers/exercise.js', args, ['--expose-gc'])
    await child.stop()
    const { few, many } = child.answer
    const rows = (['rss', 'heapUsed', 'external'] as const).map((kind) => {
      const growth = ((many[kind] / few[kind] - 1) * 100).toFixed(1)
      return [kind, mebibytes(few[kind]), mebibytes(many[kind]), `${growth} %`]
    })
    const title = `(e) memory after garbage collection, MiB: permits, denials and lists of both eras, ${SUBJECTS} callers`
    return table(title, ['', `${few.calls} calls`, `${many.calls} calls`, 'growth'], rows)
  } finally {
    fixture.remove()
  }
}

const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1)
