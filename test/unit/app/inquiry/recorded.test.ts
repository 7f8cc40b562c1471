import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { recordedDecision } from '../../../../src/app/inquiry/recorded.ts'
import { decision, outcome } from '../../audit/facts.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-recorded-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function log(name: string, ...lines: readonly (object | string)[]): Promise<string> {
  const file = join(dir, name)
  await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return file
}

const first = decision({ decision_id: 'aaaa-1' })
const second = decision({ decision_id: 'aaaa-2', timestamp: '2026-11-22T15:45:00.000Z' })

describe('a recorded decision', () => {
  test('with its outcome, over rotated files', async () => {
    await log('log.1', first)
    const file = await log('log', second, outcome({ decision_id: 'aaaa-1' }))
    expect(await recordedDecision([file], 'aaaa-1')).toEqual({
      ok: true,
      value: { decision: first, outcome: outcome({ decision_id: 'aaaa-1' }) },
    })
  })

  test('over several logs', async () => {
    const files = [await log('a', first), await log('b', second)]
    expect(await recordedDecision(files, 'aaaa-2')).toEqual({ ok: true, value: { decision: second } })
  })

  test('by the beginning of its id', async () => {
    const file = await log('log', first, decision({ decision_id: 'bbbb-1' }))
    expect(await recordedDecision([file], 'aaaa')).toEqual({ ok: true, value: { decision: first } })
  })

  test('by its whole id, though another begins with it', async () => {
    const file = await log('log', decision({ decision_id: 'aaaa-12' }), first)
    expect(await recordedDecision([file], 'aaaa-1')).toEqual({ ok: true, value: { decision: first } })
  })

  test('that was refused after all: the last line', async () => {
    const refused = decision({ decision_id: 'aaaa-1', stage: 'record', refusal: 'log_unavailable' })
    const file = await log('log', first, refused)
    expect(await recordedDecision([file], 'aaaa-1')).toEqual({ ok: true, value: { decision: refused } })
  })

  test('that is not there', async () => {
    const file = await log('log', first, second)
    expect(await recordedDecision([file], 'cccc')).toEqual({
      ok: false,
      error: `No decision cccc in ${file}: it holds 2 records from ${first.timestamp} to ${second.timestamp}. Name the log of that time with --log`,
    })
  })

  test('in a log of damaged lines alone', async () => {
    const file = await log('log', '{', '}')
    expect(await recordedDecision([file], 'cccc')).toEqual({
      ok: false,
      error: `No decision cccc in ${file}: it holds no record at all, and 2 damaged lines, where it may have stood. Name the log of that time with --log`,
    })
  })

  test('of many whose ids begin alike', async () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7'].map((n) => `aaaa-${n}`)
    const file = await log('log', ...ids.map((decision_id) => decision({ decision_id })))
    expect(await recordedDecision([file], 'aaaa')).toEqual({
      ok: false,
      error: [
        'aaaa begins 7 decision ids; write more of the one that is meant:',
        ...ids.slice(0, 5).map((id) => `  ${id}`),
        '  … and 2 more',
      ].join('\n'),
    })
  })
})
