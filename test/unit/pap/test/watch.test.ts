import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { watchPolicy } from '../../../../src/pap/test/watch.ts'
import { capabilities, findOpa, root, writeTree } from '../../../policy/tools.ts'
import { SMALL_CASES, SMALL_POLICY } from './small-policy.ts'

const RULE = 'mcp/rules/area/open/open.rego'

/** What comes is kept until it is asked for. */
function createInbox<T>() {
  const waiting: T[] = []
  let wake = () => {}
  return {
    put: (one: T) => {
      waiting.push(one)
      wake()
    },
    take: async (): Promise<T> => {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return waiting.shift() as T
    },
  }
}

test('every change is tested, whatever was wrong before, until it is stopped', async () => {
  const tree = writeTree({
    ...Object.fromEntries(Object.entries(SMALL_POLICY).map(([file, text]) => [`policies/${file}`, text])),
    'cases/small.yaml': `fixtures: [../shared.yaml]\n${SMALL_CASES}`,
    'shared.yaml': 'context: {}\n',
  })
  const inbox = createInbox<readonly [string, unknown]>()
  const stop = new AbortController()
  let clock = 0
  const ended = watchPolicy(
    {
      policyDir: join(tree.dir, 'policies'),
      casesDir: join(tree.dir, 'cases'),
      root: tree.dir,
      opa: await findOpa(),
      capabilities: { build: capabilities, test: `${root}scripts/policy/capabilities.test.json` },
      tools: [{ name: 'read', takesPaths: false }],
      maskRecord: (record) => record,
      minimums: { coverage: 100, catalogue: 0 },
      now: () => clock++,
    },
    {
      verdict: ({ cases }, milliseconds) =>
        inbox.put(['verdict', [cases.filter(({ faults }) => faults.length > 0).length, milliseconds > 0]]),
      report: ({ suites }) => inbox.put(['report', suites.map(({ name }) => name)]),
      faults: (faults) => inbox.put(['faults', faults.map(({ file }) => file)]),
    },
    stop.signal,
  )
  const report = ['report', ['Rego tests', 'cases', 'other data', 'opa eval', 'coverage']]
  const write = (file: string, text: string) => writeFileSync(join(tree.dir, file), text)

  try {
    expect([await inbox.take(), await inbox.take()]).toEqual([['verdict', [0, true]], report])
    write(`policies/${RULE}`, 'package mcp.rules.area.open\n\npermit contains x if true\n')
    expect(await inbox.take()).toEqual(['faults', [`policies/${RULE}`]])
    write(`policies/${RULE}`, SMALL_POLICY[RULE].replace('.id ==', '.id !='))
    expect([await inbox.take(), await inbox.take()]).toEqual([['verdict', [2, true]], report])
    write('shared.yaml', 'context: { bytes: many\n')
    expect(await inbox.take()).toEqual(['faults', ['shared.yaml']])
  } finally {
    stop.abort()
    await ended
    tree.remove()
  }
}, 60_000)
