import { jest } from '@jest/globals'
import { ok } from '../../../src/lib/result.ts'
import type { McpCall } from '../../../src/model/call.ts'
import type { Decision } from '../../../src/model/decision.ts'
import type { Described } from '../../../src/model/described.ts'
import type { Exchange } from '../../../src/model/exchange.ts'
import type { Grant } from '../../../src/model/grant.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Reply } from '../../../src/model/reply.ts'
import type { Resource } from '../../../src/model/resource.ts'
import type { Ruling } from '../../../src/model/ruling.ts'
import type { Subject } from '../../../src/model/subject.ts'
import type { Ports } from '../../../src/pep/ports.ts'

export const NOW = new Date('2026-11-22T15:44:30.250Z')

export const ALICE: Subject = {
  type: 'user',
  id: 'alice',
  properties: {
    issuer: 'https://issuer',
    home: true,
    tenant: 'acme',
    client_id: 'cli',
    roles: ['readonly'],
    scopes: ['mcp:call'],
    claims: {},
  },
}

export const EXCHANGE: Exchange = {
  httpMethod: 'POST',
  requestId: 'req-1',
  address: '192.0.2.1',
  authorization: 'Bearer x',
  mcpHeaders: new Map(),
  body: async () => ok(new Uint8Array()),
  signal: new AbortController().signal,
}

export const CALL: McpCall = {
  era: 'legacy',
  protocolVersion: '2025-11-25',
  id: 1,
  method: 'tools/call',
  target: { type: 'tool', name: 'readFile', arguments: { path: 'a.txt' } },
  params: {},
  mirrored: new Map(),
  bytes: 312,
}
export const LIST: McpCall = { ...CALL, method: 'tools/list', target: { type: 'tools' } }

export const tool = (id: string): Resource => ({ type: 'tool', id, properties: { server: 'files' } })
export const SERVER: Resource = { type: 'server', id: 'files', properties: {} }

export const DESCRIBED: Described = {
  known: true,
  resource: { ...tool('readFile'), properties: { server: 'files', arguments: { path: 'a.txt' }, paths: [] } },
  faults: [],
  mismatched: [],
  arguments: { path: 'a.txt', encoding: 'utf8' },
  items: [],
}
export const DESCRIBED_LIST: Described = {
  ...DESCRIBED,
  resource: SERVER,
  arguments: {},
  items: [tool('listFiles'), tool('readFile'), tool('writeFile')],
}

export const PERMIT: Decision = {
  effect: 'permit',
  visible: true,
  reasons: [{ code: 'tools.role_granted', message: 'The role grants this tool' }],
  scopes: [],
  limits: [
    {
      name: 'readFile per minute',
      key: ['https://issuer', 'acme', 'alice', 'readFile'],
      kind: 'rate',
      limit: 60,
      period: 60,
      burst: 10,
      cost: 1,
      on_store_error: 'deny',
      shadow: false,
    },
  ],
  obligations: [{ type: 'confine', read: [['docs']], write: [], never: ['.env'] }],
}
export const DENY: Decision = { ...PERMIT, effect: 'deny', limits: [], obligations: [] }

export const ruling = (decided: Ruling['decided']): Ruling => ({
  decided,
  bundle: { revision: 'r1', sha256: 'b1' },
  mask: () => ({ ok: true, value: 'absent' }),
})

export const REPLY: Reply = { status: 200, headers: {}, body: 'hits' }
export const OUTCOME: Promise<Outcome> = Promise.resolve({ status: 'completed', bytes: 4 })

export const grant = (change: Partial<Grant> = {}): Grant => ({
  decisionId: 'dec-1',
  states: [],
  commit: async () => undefined,
  refund: async () => undefined,
  ...change,
})

export type World = { readonly [Port in keyof Ports]: jest.Mock<Ports[Port]> }

/** All goes well; a test changes one thing. Every tick takes 5 µs. */
export function world(change: Partial<Ports> = {}): World {
  let ticks = 0
  const ports: Ports = {
    now: () => NOW,
    ticks: () => {
      ticks += 5
      return ticks
    },
    newDecisionId: () => 'dec-1',
    authenticate: async () => ok(ALICE),
    parse: async () => ok(CALL),
    describe: () => DESCRIBED,
    decide: () => ruling(PERMIT),
    meter: async () => ok(grant()),
    record: async () => ok(undefined),
    perform: async () => ({ reply: REPLY, outcome: OUTCOME }),
    settle: () => undefined,
    ...change,
  }
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, jest.fn(port)])) as unknown as World
}

const STEPS = ['authenticate', 'parse', 'describe', 'decide', 'meter', 'record', 'perform', 'settle'] as const

/** How often each step of the walk was taken, in its order. */
export const taken = (ports: World): string =>
  STEPS.flatMap((step) => {
    const times = ports[step].mock.calls.length
    return times === 0 ? [] : [times === 1 ? step : `${step}×${times}`]
  }).join(' ')
