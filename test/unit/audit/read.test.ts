import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { toLine } from '../../../src/audit/line.ts'
import { logChunks, type ReadLine, readLog, unfinished } from '../../../src/audit/read.ts'
import { decision, outcome } from './facts.ts'

async function* stream<T>(...chunks: readonly T[]): AsyncGenerator<T> {
  yield* chunks
}
const collect = async <T>(generator: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = []
  for await (const one of generator) all.push(one)
  return all
}

const permit = (id: string) => decision({ decision_id: id })
const refused = (id: string) => decision({ decision_id: id, refusal: 'denied' })
const ended = (id: string) => outcome({ decision_id: id })

describe('readLog', () => {
  const records = [permit('a'), decision({ decision_id: 'b', cause: 'é\u2028😀' }), ended('a')]
  const expected: readonly ReadLine[] = records.map((record, index) => ({ line: index + 1, record }))

  test.each([1, 2, 3, 7, 64, 100_000])('gives the records back from chunks of %d bytes', async (size) => {
    const bytes = Buffer.from(records.map(toLine).join(''))
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    )
    expect(await collect(readLog(stream(...chunks)))).toEqual(expected)
  })

  test('a raw U+2028 ends no line', async () => {
    const text = `${JSON.stringify(records[1])}\n`
    expect(text.includes('\u2028')).toBe(true)
    expect(await collect(readLog(stream(text)))).toEqual([{ line: 1, record: records[1] }])
  })

  test('names damaged lines and reads on', async () => {
    const text = [
      '{"kind":"deci',
      '',
      '{}',
      '[]',
      '{"kind":"outcome"}',
      toLine(permit('a')).trim(),
      'null',
      '{"kind',
    ].join('\n')
    expect(await collect(readLog(stream(text)))).toEqual([
      { line: 1, damaged: 'not JSON' },
      { line: 3, damaged: 'not a record' },
      { line: 4, damaged: 'not a record' },
      { line: 5, damaged: 'not a record' },
      { line: 6, record: permit('a') },
      { line: 7, damaged: 'not a record' },
      { line: 8, damaged: 'not JSON' },
    ])
  })

  test('a line without end does not fill the memory', async () => {
    const megabyte = 'x'.repeat(1024 * 1024)
    const chunks = [...Array.from({ length: 40 }, () => megabyte), '\n', toLine(permit('a'))]
    expect(await collect(readLog(stream(...chunks)))).toEqual([
      { line: 1, damaged: 'too long' },
      { line: 2, record: permit('a') },
    ])
  })
})

describe('unfinished', () => {
  test('counts, and names the permitted decisions whose end nobody wrote', async () => {
    const monitored = decision({ decision_id: 'm', refusal: 'denied', enforced: false })
    const records = [
      permit('a'),
      permit('b'),
      refused('c'),
      ended('a'),
      monitored,
      permit('d'),
      ended('d'),
      ended('zzz'),
    ]
    expect(await unfinished(stream(...records.map(toLine), '{"torn'))).toEqual({
      decisions: 5,
      permitted: 4,
      refused: 1,
      outcomes: 3,
      unfinished: ['b', 'm'],
      damaged: [9],
    })
  })

  test('a decision that landed after it was refused is not unfinished', async () => {
    const text = [permit('a'), decision({ decision_id: 'a', refusal: 'log_unavailable' })].map(toLine)
    expect(await unfinished(stream(...text))).toEqual({
      decisions: 2,
      permitted: 1,
      refused: 1,
      outcomes: 0,
      unfinished: [],
      damaged: [],
    })
  })

  test('an empty log', async () => {
    expect(await unfinished(stream<string>())).toEqual({
      decisions: 0,
      permitted: 0,
      refused: 0,
      outcomes: 0,
      unfinished: [],
      damaged: [],
    })
  })
})

describe('logChunks', () => {
  test('reads the files that are there as one; a torn end stays in its file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'read-'))
    const files = ['log.2', 'log.1', 'log'].map((name) => join(folder, name))
    const [, rotated = '', current = ''] = files
    await writeFile(rotated, `${toLine(permit('a'))}{"torn`)
    await writeFile(current, toLine(ended('a')))
    expect(await unfinished(logChunks(files))).toEqual({
      decisions: 1,
      permitted: 1,
      refused: 0,
      outcomes: 1,
      unfinished: [],
      damaged: [2],
    })
    await expect(unfinished(logChunks([folder]))).rejects.toMatchObject({ code: 'EISDIR' })
    await rm(folder, { recursive: true })
  })
})
