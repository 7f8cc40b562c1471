import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rpcError, toolError } from '../answers.ts'
import { DECISION } from '../world.ts'
import { BOTH, READ, type Row } from './row.ts'

const unavailable = { code: 'unavailable', retry_after_seconds: 1, decision_id: DECISION }
const UNAVAILABLE_TEXT = `The service is temporarily unavailable. Retry in 1 s (decision ${DECISION})`

/** The log must be rotated before anything can be written, and cannot be: its next name is a folder. */
export const UNWRITABLE_LOG = { log: { max_bytes: 65_536, max_files: 1 } }
export const blockLog = async (dir: string): Promise<void> => {
  await mkdir(join(dir, 'decisions.ndjson.1', 'taken'), { recursive: true })
  await writeFile(join(dir, 'decisions.ndjson'), `${'x'.repeat(65_000)}\n`.padEnd(65_536, 'x'))
}

export const RECORD: readonly Row[] = [
  {
    code: 'log_unavailable',
    when: 'a call cannot be recorded',
    eras: BOTH,
    settings: UNWRITABLE_LOG,
    send: (world, sent) => world.send({ ...sent, ...READ }),
    expected: (era) => ({
      status: 200,
      headers: { 'retry-after': '1' },
      body: toolError(era, UNAVAILABLE_TEXT, unavailable),
    }),
  },
  {
    code: 'log_unavailable',
    when: 'a list cannot be recorded',
    eras: BOTH,
    settings: UNWRITABLE_LOG,
    send: (world, sent) => world.send({ ...sent, method: 'tools/list', params: {} }),
    expected: () => ({
      status: 200,
      headers: { 'retry-after': '1' },
      body: rpcError(-31503, UNAVAILABLE_TEXT, unavailable),
    }),
  },
]
