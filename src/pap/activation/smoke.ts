import { distinct } from '../../lib/distinct.ts'
import type { PolicyInput } from '../../model/input.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Policy } from '../../pdp/engine.ts'
import { misstatements } from './misstatements.ts'

const WARM_UPS = 50
const EVALUATIONS = 200
/** Stops measuring a policy that is far beyond any budget. */
const MAX_MEASURING_MS = 3_000

const base: PolicyInput = {
  subject: {
    type: 'user',
    id: 'smoke',
    properties: {
      issuer: 'https://smoke.invalid',
      home: false,
      tenant: '',
      client_id: '',
      roles: ['admin', 'user', 'readonly'],
      scopes: [],
      claims: {},
    },
  },
  action: { name: 'tools/call' },
  resource: {
    type: 'tool',
    id: 'readFile',
    properties: {
      server: 'files',
      read_only: true,
      access: ['read'],
      tags: [],
      arguments: { path: '/docs/a.txt' },
      paths: [{ argument: '/path', segments: ['docs', 'a.txt'], access: 'read' }],
    },
  },
  context: {
    time: '2026-01-01T00:00:00.000Z',
    unix: 1_767_225_600,
    weekday: 4,
    hour: 0,
    minute: 0,
    request_id: '00000000-0000-7000-8000-000000000000',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 200,
  },
}

/** Questions that every policy must have an answer to, whatever it is. */
const SMOKE: readonly { readonly name: string; readonly input: PolicyInput }[] = [
  { name: 'a call of readFile', input: base },
  {
    name: 'the existence of readFile',
    input: {
      ...base,
      resource: { ...base.resource, properties: { server: 'files', read_only: true, access: ['read'], tags: [] } },
    },
  },
  {
    name: 'an unknown tool',
    input: { ...base, resource: { type: 'tool', id: 'no-such-tool', properties: { arguments: {} } } },
  },
  {
    name: 'tools/list',
    input: { ...base, action: { name: 'tools/list' }, resource: { type: 'server', id: 'smoke', properties: {} } },
  },
  {
    name: 'a subject without roles',
    input: {
      ...base,
      subject: { ...base.subject, properties: { ...base.subject.properties, roles: [] } },
    },
  },
]

export const SMOKE_INPUTS: readonly PolicyInput[] = SMOKE.map(({ input }) => input)

export type Measured = { readonly p50Ms: number }

/** Asks every smoke question once; a policy without an answer to one of them cannot be used. */
export function smokeFaults(policy: Policy): readonly PolicyFault[] {
  const faults = SMOKE.flatMap(({ name, input }) => {
    const decided = policy.decide(input)
    if (decided.effect !== 'indeterminate') return []
    const misstated = misstatements(policy, input)
    if (misstated.length > 0) return misstated
    return [
      {
        message: `no decision on ${name}: ${decided.cause}`,
        remedy: 'Give mcp.main.decision a default, and return exactly the six members of a decision',
      },
    ]
  })
  return distinct(faults)
}

/** The median time of one decision. */
export function measure(policy: Policy, now: () => number): Measured {
  const started = now()
  const times: number[] = []
  for (let i = 0; i < WARM_UPS + EVALUATIONS; i++) {
    const { input } = SMOKE[i % SMOKE.length] ?? { input: base }
    const before = now()
    policy.decide(input)
    const after = now()
    if (i >= WARM_UPS) times.push(after - before)
    else if (after - started > MAX_MEASURING_MS) return { p50Ms: (after - started) / (i + 1) }
    if (after - started > 2 * MAX_MEASURING_MS) break
  }
  const sorted = times.toSorted((a, b) => a - b)
  return { p50Ms: sorted[Math.floor(sorted.length / 2)] ?? 0 }
}
