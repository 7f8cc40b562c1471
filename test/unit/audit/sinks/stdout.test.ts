import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { createStdoutSink } from '../../../../src/audit/sinks/stdout.ts'

describe('createStdoutSink', () => {
  test('pipes that nobody reads hold no thread of the pool (G-019)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stdout-sink-'))
    const other = join(folder, 'other')
    const pipes = Array.from({ length: 8 }, (_, n) => {
      const path = join(folder, `pipe-${n}`)
      execFileSync('mkfifo', [path])
      const descriptor = openSync(path, 'r+')
      const sink = createStdoutSink(descriptor)
      const writing = sink.write(`${'x'.repeat(1024 * 1024)}\n`)
      return { descriptor, sink, ended: writing.catch((error: Error) => error.message) }
    })
    execFileSync('sh', ['-c', `printf free > ${other}`])
    expect(await readFile(other, 'utf8')).toBe('free')

    for (const { sink, descriptor } of pipes) {
      await sink.close()
      closeSync(descriptor)
    }
    expect(await Promise.all(pipes.map(({ ended }) => ended))).toEqual(
      pipes.map(() => 'the decision log on standard output is closed'),
    )
    await rm(folder, { recursive: true })
  })

  test('a full disk is an error, and no crash (G-006)', async () => {
    const full = openSync('/dev/full', 'w')
    await expect(createStdoutSink(full).write('{"a":1}\n')).rejects.toMatchObject({ code: 'ENOSPC' })
    closeSync(full)
  })

  test('a reader that is gone is an error, and no crash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stdout-sink-'))
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const both = openSync(path, 'r+')
    const sink = createStdoutSink(both)
    closeSync(both)
    await expect(sink.write('{"a":1}\n')).rejects.toMatchObject({ code: 'EPIPE' })
    await sink.close()
    await expect(sink.write('{"a":1}\n')).rejects.toThrow('the decision log on standard output is closed')
    await rm(folder, { recursive: true })
  })
})
