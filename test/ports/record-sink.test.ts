import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileSink } from '../../src/audit/sinks/file.ts'
import { createStdoutSink } from '../../src/audit/sinks/stdout.ts'
import { recordSinkSuite } from './record-sink.ts'

const temporary = () => mkdtemp(join(tmpdir(), 'sink-'))

recordSinkSuite('file', async () => {
  const folder = await temporary()
  const path = join(folder, 'log', 'decisions.ndjson')
  return {
    sink: await createFileSink({ path, maxBytes: 100 * 1024 * 1024, keep: 3 }),
    arrived: () => readFile(path, 'utf8'),
    dispose: () => rm(folder, { recursive: true }),
  }
})

recordSinkSuite('standard output, a file', async () => {
  const folder = await temporary()
  const path = join(folder, 'out')
  const descriptor = openSync(path, 'w')
  return {
    sink: createStdoutSink(descriptor),
    arrived: () => readFile(path, 'utf8'),
    dispose: async () => {
      closeSync(descriptor)
      await rm(folder, { recursive: true })
    },
  }
})

// A pipe that Node made is non-blocking: once it is full, writes answer EAGAIN until its reader goes on.
recordSinkSuite('standard output, a pipe with a reader', async () => {
  const folder = await temporary()
  const path = join(folder, 'out')
  const out = openSync(path, 'w')
  const reader = spawn('cat', [], { stdio: ['pipe', out, 'ignore'] })
  const descriptor = (reader.stdin as unknown as { _handle: { fd: number } })._handle.fd
  const gone = new Promise((resolve) => reader.on('exit', resolve))
  let sent = 0
  const sink = createStdoutSink(descriptor)
  const arrived = async (): Promise<string> => {
    const text = await readFile(path, 'utf8')
    return Buffer.byteLength(text) < sent ? arrived() : text
  }
  return {
    sink: {
      ...sink,
      write: async (chunk) => {
        await sink.write(chunk)
        sent += Buffer.byteLength(chunk)
      },
    },
    arrived,
    dispose: async () => {
      reader.stdin?.end()
      await gone
      closeSync(out)
      await rm(folder, { recursive: true })
    },
  }
})
