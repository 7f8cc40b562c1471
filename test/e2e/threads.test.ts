import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { toLine } from '../../src/audit/line.ts'
import { decisionRecord } from '../../src/audit/record.ts'
import { policyBundle } from '../http/policy.ts'
import { writeTree } from '../policy/tools.ts'
import { input } from '../unit/audit/facts.ts'
import { type Machine, openMachine } from './portcullis.ts'

// A process starts in a second, or in several on a busy machine.
jest.setTimeout(120_000)

let machine: Machine
let bundle: string
beforeAll(async () => {
  machine = await openMachine()
  bundle = await policyBundle({})
})
afterAll(() => machine.remove())

// Larger than one batch, so that every thread gets some.
const RECORDS = 2_000

test('threads find in a log what one thread finds, in the same order', async () => {
  const lines = Array.from({ length: RECORDS }, (_, index) => {
    const record = decisionRecord({
      decisionId: `d${index}`,
      timestamp: new Date(index),
      requestId: `r${index}`,
      input: { ...input, subject: { ...input.subject, id: `s${index % 7}` } },
      decided: { effect: 'deny', visible: index % 3 === 0, reasons: [], scopes: [], limits: [], obligations: [] },
      metrics: {},
    })
    return index % 500 === 499 ? '{"torn\n' : toLine(record)
  })
  const log = join(machine.home, 'threads.ndjson')
  await writeFile(log, lines.join(''))
  const reports = await Promise.all(
    ['1', '3'].map(async (jobs) => {
      const args = ['replay', log, '--policy', bundle, '--format', 'json', '--limit', '50', '--jobs', jobs]
      const { stdout, stderr, code } = await machine.command(args)
      const { seconds: _, ...report } = JSON.parse(stdout)
      return { stderr, code, report }
    }),
  )
  expect(reports[1]).toEqual(reports[0])
  expect(reports[0]).toMatchObject({ stderr: '', code: 1, report: { lines: RECORDS, damaged: 4 } })
})

const policyFor = (role: string) => ({
  '.manifest': '{"roots":["mcp"],"rego_version":1}',
  'mcp/main/main.rego': `package mcp.main

decision := {
	"effect": effect,
	"visible": true,
	"reasons": [],
	"scopes": [],
	"limits": [],
	"obligations": [],
}

default effect := "deny"

effect := "permit" if "${role}" in input.subject.properties.roles
`,
})

test('threads ask two policies what one thread asks', async () => {
  const trees = ['a', 'b'].map((role) => writeTree(policyFor(role)))
  const reports = await Promise.all(
    ['1', '3'].map(async (jobs) => {
      const folders = trees.map(({ dir }) => dir)
      const { stdout, code } = await machine.command(['diff', ...folders, '--format', 'json', '--jobs', jobs])
      return { code, report: JSON.parse(stdout) }
    }),
  )
  for (const { remove } of trees) remove()
  expect(reports[1]).toEqual(reports[0])
  expect(reports[0]).toMatchObject({ code: 1, report: { failed: ['newly-allowed'] } })
})
