import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { toLine } from '../../../src/audit/line.ts'
import { maskRecord } from '../../../src/audit/mask.ts'
import { decisionRecord } from '../../../src/audit/record.ts'
import type { PolicyInput } from '../../../src/model/input.ts'
import type { DecisionRecord } from '../../../src/model/record.ts'
import { loadPolicy } from '../../../src/pap/activation/load.ts'
import { policyBundle } from '../../http/policy.ts'
import { capabilities, findOpa } from '../../policy/tools.ts'
import { input, outcome } from '../audit/facts.ts'
import { run } from './run.ts'

// A policy is compiled.
jest.setTimeout(60_000)

const POLICIES = new URL('../../../policies', import.meta.url).pathname

let dir: string
let bundle: string
let records: readonly DecisionRecord[]

const asked = (roles: readonly string[], path: readonly string[]): PolicyInput => ({
  ...input,
  subject: { ...input.subject, properties: { ...input.subject.properties, roles: [...roles], scopes: ['mcp:read'] } },
  resource: {
    type: 'tool',
    id: 'readFile',
    properties: {
      ...{ server: 'portcullis', read_only: true, access: ['read'], tags: ['files'] },
      arguments: { path: `/${path.join('/')}` },
      paths: [{ argument: '/path', segments: [...path], access: 'read' }],
    },
  },
})

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-replay-'))
  bundle = await policyBundle({})
  const policy = await loadPolicy(
    { file: bundle },
    { opa: findOpa, capabilities, tools: [], now: () => performance.now(), budgetMs: 1000 },
  )
  if (!policy.ok) throw new Error(JSON.stringify(policy.error))
  const questions = [asked(['readonly'], ['docs', 'a']), asked(['readonly'], ['private']), asked([], ['docs'])]
  records = questions.map((question, index) =>
    decisionRecord({
      decisionId: `d${index}`,
      timestamp: new Date(0),
      requestId: 'r',
      input: question,
      decided: policy.value.decide(question),
      metrics: {},
    }),
  )
  policy.value.close()
})
afterAll(() => rm(dir, { recursive: true }))

async function logOf(name: string, lines: readonly string[]): Promise<string> {
  const file = join(dir, name)
  await writeFile(file, lines.join(''))
  return file
}
const replay = async (...args: readonly string[]) => {
  const { stdout, stderr, code } = await run('replay', '--jobs', '1', '--format', 'json', ...args)
  return { stderr, code, report: stdout === '' ? undefined : JSON.parse(stdout) }
}
const nothing = { same: 0, masked: 0, different: 0, unasked: 0, unreplayable: 0, damaged: 0 }

describe('replay', () => {
  test('the same bundle decides the same, bit for bit', async () => {
    const log = await logOf('same', [...records.map(toLine), toLine(outcome())])
    const { code, report } = await replay(log, '--policy', bundle)
    expect({ code, report }).toMatchObject({ code: 0, report: { ...nothing, lines: 4, decisions: 3, same: 3 } })
  })

  test('what is decided otherwise is named and is exit code 1', async () => {
    const [first, second, third] = records.map((record, index) =>
      index === 1 ? { ...record, result: { ...Object(record.result), reasons: [] } } : record,
    )
    const log = await logOf(
      'other',
      [first, second, third].flatMap((record) => (record ? [toLine(record)] : [])),
    )
    const { code, report } = await replay(log, '--policy', bundle)
    expect({ code, report }).toMatchObject({
      code: 1,
      report: {
        ...{ ...nothing, same: 2, different: 1, by_kind: { 'reasons-only': 1 } },
        differences: [
          { file: log, line: 2, decision_id: 'd1', kinds: ['reasons-only'], details: ['none → paths.outside'] },
        ],
      },
    })
  })

  test('a file that is no log is exit code 1: nothing was compared', async () => {
    const { code, report } = await replay(await logOf('none', ['# Decisions\n']), '--policy', bundle)
    expect({ code, report }).toMatchObject({ code: 1, report: { ...nothing, lines: 1, decisions: 0, damaged: 1 } })
  })

  test('damaged lines are named, over all files, and a torn last line ends with its file', async () => {
    const [line = ''] = records.map(toLine)
    const files = [await logOf('torn', [line, '\n', line.slice(0, 40)]), await logOf('next', ['{}\n', line, 'x\n'])]
    const { code, report } = await replay(...files, '--policy', bundle)
    expect({ code, report }).toMatchObject({ code: 0, report: { ...nothing, decisions: 2, same: 2, damaged: 3 } })
    expect(report.damages).toEqual([
      { file: files[0], line: 3, damaged: 'not JSON' },
      { file: files[1], line: 1, damaged: 'not a record' },
      { file: files[1], line: 3, damaged: 'not JSON' },
    ])
  })

  describe('of masked records', () => {
    let log: string
    beforeAll(async () => {
      const absent = { ok: true, value: 'absent' } as const
      log = await logOf(
        'masked',
        records.map((record) => toLine(maskRecord(record, absent))),
      )
      const withoutPaths = { ok: true, value: ['/input/resource/properties/paths'] } as const
      await appendFile(log, records.map((record) => toLine(maskRecord(record, withoutPaths))).join(''))
    })

    test.each(['a folder', 'a bundle'])('replays what does not depend on what is masked, by %s', async (kind) => {
      const { code, report } = await replay(log, '--policy', kind === 'a bundle' ? bundle : POLICIES)
      expect({ code, report }).toMatchObject({
        code: 0,
        report: { ...nothing, same: 3, masked: 3, unreplayable: 3, by_obstacle: { 'input masked': 3 } },
      })
      expect(report.not_replayable[0]).toEqual({
        ...{ file: log, line: 4, decision_id: 'd0', why: 'input masked' },
        pointers: ['/input/resource/properties/paths'],
      })
    })
  })

  test('an input that was changed afterwards is not replayed', async () => {
    const [record] = records
    const log = await logOf('changed', [toLine({ ...Object(record), input: asked(['admin'], []) })])
    const { report } = await replay(log, '--policy', bundle)
    expect(report).toMatchObject({ ...nothing, unreplayable: 1, by_obstacle: { 'input changed': 1 } })
  })

  test('for a person', async () => {
    const log = await logOf('person', ['\u001b[2J\n'])
    const { stdout } = await run('replay', log, '--jobs', '1', '--policy', bundle)
    expect(stdout.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^0 decisions in 1 lines, 0\/s$/),
      '0 decided the same',
      '0 decided otherwise',
      '0 not replayable',
      '0 refused before the policy was asked',
      '1 damaged lines',
      '',
      '1 damaged:',
      `  ${log}:1  not JSON`,
      '',
    ])
  })

  test.each<{ what: string; args: () => readonly string[]; message: string }>([
    {
      what: 'a log that is away',
      args: () => ['/no/log', '--policy', bundle],
      message: '/no/log: there is no such file',
    },
    {
      what: 'a policy that is away',
      args: () => [bundle, '--policy', 'no.tar.gz'],
      message: 'there is no such bundle',
    },
    { what: 'no number', args: () => [bundle, '--limit', 'x'], message: 'Write a whole number.' },
  ])('$what is exit code 2', async ({ args, message }) => {
    const { stderr, code, report } = await replay(...args())
    expect({ code, report }).toEqual({ code: 2, report: undefined })
    expect(stderr).toContain(message)
  })
})
