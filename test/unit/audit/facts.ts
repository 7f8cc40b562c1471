import type { PolicyInput } from '../../../src/model/input.ts'
import type { DecisionRecord, OutcomeRecord } from '../../../src/model/record.ts'

export const input: PolicyInput = {
  subject: {
    type: 'user',
    id: 'alice',
    properties: {
      issuer: 'https://issuer',
      home: true,
      tenant: 'acme',
      client_id: 'cli',
      roles: ['readonly'],
      scopes: ['mcp:call'],
      claims: { email: 'alice@example.org' },
    },
  },
  action: { name: 'tools/call' },
  resource: {
    type: 'tool',
    id: 'readFile',
    properties: {
      server: 'files',
      arguments: { path: '/docs/a.txt' },
      paths: [
        { argument: '/path', segments: ['docs', 'a.txt'], access: 'read' },
        { argument: '/other', segments: ['docs', 'b.txt'], access: 'read' },
      ],
    },
  },
  context: {
    time: '2026-11-22T15:44:00.000Z',
    unix: 1795362240,
    weekday: 7,
    hour: 15,
    minute: 44,
    request_id: 'r1',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 312,
  },
}

export const decision = (change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  kind: 'decision',
  decision_id: 'd1',
  timestamp: '2026-11-22T15:44:00.000Z',
  request_id: 'r1',
  metrics: {},
  ...change,
})

export const outcome = (change: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
  kind: 'outcome',
  decision_id: 'd1',
  timestamp: '2026-11-22T15:44:00.100Z',
  status: 'completed',
  bytes: 7,
  duration: 100_000,
  charged: true,
  ...change,
})
