import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { decisionRecord, outcomeRecord } from '../../../src/audit/record.ts'
import { findOpa } from '../../../src/cli/package.ts'
import type { Refusal } from '../../../src/model/refusal.ts'
import { run } from './run.ts'

let dir: string
let environment: NodeJS.ProcessEnv
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-doctor-'))
  environment = process.env
  process.env = { ...environment, XDG_STATE_HOME: dir, PORTCULLIS_OPA: await findOpa() }
})
afterEach(async () => {
  process.env = environment
  await rm(dir, { recursive: true })
})

const timestamp = new Date('2026-11-22T15:44:30.250Z')
const decision = (decisionId: string, refusal?: Refusal) =>
  JSON.stringify(decisionRecord({ decisionId, timestamp, requestId: 'r', refusal, metrics: {} }))
const outcome = (decisionId: string) =>
  JSON.stringify(
    outcomeRecord({ decisionId, timestamp, outcome: { status: 'completed', bytes: 0 }, charged: true, duration: 1 }),
  )
const log = async (...lines: readonly string[]) => {
  const file = join(dir, 'log.ndjson')
  await writeFile(file, lines.map((line) => `${line}\n`).join(''))
  return file
}
const lines = ({ stdout }: { stdout: string }) => stdout.split('\n').slice(2, -1)

describe('doctor', () => {
  test('finds nothing on a machine where nothing ran yet', async () => {
    const ran = await run('doctor')
    expect({ code: ran.code, stderr: ran.stderr, lines: lines(ran) }).toEqual({
      code: 0,
      stderr: '',
      lines: ['ok       No workspace yet: `serve --demo` makes one', 'ok       No decision log yet'],
    })
  })

  test('counts what ended', async () => {
    const file = await log(decision('a'), outcome('a'), decision('b', { code: 'denied', reasons: [] }))
    const ran = await run('doctor', '--log', file)
    expect({ code: ran.code, lines: lines(ran).slice(1) }).toEqual({
      code: 0,
      lines: [
        `ok       ${file}: 2 decisions (1 permitted, 1 refused), 1 outcomes`,
        'ok       0 permitted calls without an outcome',
        'ok       0 damaged lines',
      ],
    })
  })

  test('a call that never ended and a damaged line are exit code 1', async () => {
    const file = await log(decision('a'), decision('b'), outcome('b'), '{"kind":"deci')
    const ran = await run('doctor', '--log', file)
    expect({ code: ran.code, lines: lines(ran).slice(2) }).toEqual({
      code: 1,
      lines: ['finding  1 permitted calls without an outcome: a', 'finding  1 damaged lines: 4'],
    })
  })

  test.each<{ what: string; flags: () => readonly string[]; says: string }>([
    { what: 'a log', flags: () => ['--log', join(dir, 'none')], says: 'no such log' },
    { what: 'a log that is no folder', flags: () => ['--log', dir], says: 'no such log' },
    { what: 'a workspace', flags: () => ['--workspace', join(dir, 'none')], says: join('none') },
  ])('$what that was named and is not there is exit code 3', async ({ flags, says }) => {
    const { code, stdout } = await run('doctor', ...flags())
    expect(code).toBe(3)
    expect(stdout).toMatch(new RegExp(`^missing  .*${says}`, 'm'))
  })

  test('a workspace that can be used is named', async () => {
    const workspace = join(dir, 'workspace')
    await mkdir(workspace)
    const ran = await run('doctor', '--workspace', workspace)
    expect({ code: ran.code, line: lines(ran)[0] }).toEqual({ code: 0, line: `ok       Workspace ${workspace}` })
  })

  test('a machine without OPA is exit code 3, with what to do', async () => {
    process.env['PORTCULLIS_OPA'] = join(dir, 'no-opa')
    const { code, stdout } = await run('doctor')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^missing {2}opa .+ is needed/m)
  })
})
