import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AdminServer, openAdminServer } from './admin-server.ts'
import { run } from './run.ts'

let server: AdminServer
beforeAll(async () => {
  server = await openAdminServer()
})
afterAll(() => server.close())

const REPORT = {
  active: { revision: 'r1', sha256: 'aa' },
  candidate: { revision: 'r2', sha256: 'bb' },
  since: '2026-11-22T15:44:30.000Z',
  evaluated: 12,
  different: 3,
  dropped: 1,
  waiting: 0,
  suspended: 'too_slow',
  differences: [
    { kind: 'newly-allowed', rule: 'tools.role_granted', tool: 'writeFile', role: 'user', count: 12 },
    { kind: 'newly-denied', rule: 'x', tool: 'other', role: 'evil\u001b[2J\u202e', count: 1 },
  ],
  examples: [
    {
      kinds: ['limits-loosened'],
      decision_id: 'd1',
      timestamp: 't',
      input: { subject: { id: 'ann\u202e' } },
      active: {
        effect: 'permit',
        limits: [
          { name: 'a', limit: 60 },
          { name: 'b', limit: 1 },
        ],
      },
      candidate: {
        effect: 'permit',
        limits: [
          { limit: 1, name: 'b' },
          { limit: 600, name: 'a' },
        ],
      },
    },
    {
      kinds: ['newly-denied', 'newly-hidden'],
      decision_id: 'd2',
      timestamp: 't',
      active: { effect: 'permit', visible: true, reasons: [{ code: 'a' }] },
      candidate: { effect: 'deny', visible: true, reasons: [{ code: 'b' }, { code: 'c' }] },
      mask_failed: true,
    },
  ],
}
const report = (body: unknown, ...flags: readonly string[]) => {
  server.answers.set('GET /admin/shadow', { status: 200, body })
  return run('shadow', 'report', '--socket', server.socket, ...flags)
}

describe('portcullis shadow report', () => {
  test('for a person', async () => {
    expect(await report(REPORT)).toEqual({
      stdout: `active r1, candidate r2, since 2026-11-22T15:44:30.000Z
12 requests asked again, 3 decided otherwise; 1 not asked, 0 waiting
It took too long on a request: the candidate is asked no more

count  kind           tool       role                 rule
12     newly-allowed  writeFile  user                 tools.role_granted
1      newly-denied   other      evil\\u001b[2J\\u202e  x

limits-loosened (decision d1)
  input {"subject":{"id":"ann\\u202e"}}
  - limits: {"limit":60,"name":"a"}
  + limits: {"limit":600,"name":"a"}

newly-denied, newly-hidden (decision d2)
  input erased by the mask
  - effect: "permit"
  - reasons: {"code":"a"}
  + effect: "deny"
  + reasons: {"code":"b"}
  + reasons: {"code":"c"}
`,
      stderr: '',
      code: 1,
    })
  })

  test('as JSON', async () => {
    const { stdout, code } = await report(REPORT, '--format', 'json')
    expect({ report: JSON.parse(stdout), code }).toEqual({ report: REPORT, code: 1 })
  })

  test('of a candidate that decides the same', async () => {
    const { suspended: _suspended, ...going } = REPORT
    const same = { ...going, different: 0, differences: [], examples: [] }
    expect(await report(same)).toEqual({
      stdout: `active r1, candidate r2, since 2026-11-22T15:44:30.000Z
12 requests asked again, 0 decided otherwise; 1 not asked, 0 waiting
`,
      stderr: '',
      code: 0,
    })
  })

  test('without a candidate', async () => {
    const { candidate: _candidate, ...none } = REPORT
    expect(await report({ ...none, different: 0 })).toEqual({
      stdout: 'active r1; no candidate yet: make one with `portcullis rollout check BUNDLE`\n',
      stderr: '',
      code: 0,
    })
  })
})
