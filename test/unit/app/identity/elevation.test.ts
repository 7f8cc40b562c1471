import { describe, expect, test } from '@jest/globals'
import { createElevations } from '../../../../src/app/identity/elevation.ts'
import type { Refusal } from '../../../../src/model/refusal.ts'
import type { Subject } from '../../../../src/model/subject.ts'

const subject = (scopes: readonly string[], changes: Partial<Subject['properties']> = {}, id = 'alice'): Subject => ({
  type: 'user',
  id,
  properties: {
    issuer: 'https://issuer.example',
    home: true,
    tenant: 'acme',
    client_id: 'editor',
    roles: [],
    scopes: [...scopes],
    claims: {},
    ...changes,
  },
})
const LACKING: Refusal = { code: 'insufficient_scope', scopes: ['mcp:read', 'mcp:write'] }

/** A refusal for lack of mcp:write, and then another decision. */
function after(next: Subject | undefined, refusal?: Refusal) {
  const note = createElevations({ max: 10 })
  const first = note({ decisionId: 'd1', subject: subject(['mcp:read']) }, LACKING)
  return [first, note({ decisionId: 'd2', ...(next !== undefined && { subject: next }) }, refusal)]
}

describe('an elevation', () => {
  const raised = { refused: 'd1', scopes: ['mcp:write'] }
  test.each<{ name: string; next: Subject | undefined; refusal?: Refusal; expected: unknown }>([
    { name: 'by another token', next: subject(['mcp:read', 'mcp:write']), expected: raised },
    { name: 'by a token with the scope alone', next: subject(['mcp:write']), expected: raised },
    {
      name: 'of a call that is refused for another reason',
      next: subject(['mcp:write']),
      refusal: { code: 'denied', reasons: [] },
      expected: raised,
    },
    { name: 'is none with the scopes of before', next: subject(['mcp:read']), expected: undefined },
    { name: 'is none with other scopes', next: subject(['mcp:admin']), expected: undefined },
    { name: 'is none of somebody else', next: subject(['mcp:write'], {}, 'bob'), expected: undefined },
    { name: 'is none of another client', next: subject(['mcp:write'], { client_id: 'b' }), expected: undefined },
    { name: 'is none of another tenant', next: subject(['mcp:write'], { tenant: 'b' }), expected: undefined },
    { name: 'is none of nobody', next: undefined, expected: undefined },
  ])('$name', ({ next, refusal, expected }) => {
    expect(after(next, refusal)).toEqual([undefined, expected])
  })

  test('is told once', () => {
    const note = createElevations({ max: 10 })
    note({ decisionId: 'd1', subject: subject([]) }, LACKING)
    const whole = subject(['mcp:read', 'mcp:write'])
    expect([
      note({ decisionId: 'd2', subject: whole }, undefined),
      note({ decisionId: 'd3', subject: whole }, undefined),
    ]).toEqual([{ refused: 'd1', scopes: ['mcp:read', 'mcp:write'] }, undefined])
  })
})
