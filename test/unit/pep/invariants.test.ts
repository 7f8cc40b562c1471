import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { err, ok } from '../../../src/lib/result.ts'
import type { Ports } from '../../../src/pep/ports.ts'
import { walk } from '../../../src/pep/walk.ts'
import { ALICE, CALL, DENY, DESCRIBED, EXCHANGE, grant, OUTCOME, PERMIT, REPLY, ruling, world } from './world.ts'

/** A port that answers, refuses or throws, as the run says. */
type Behaviour = 'answers' | 'refuses' | 'throws'
const behaviour = fc.constantFrom<Behaviour>('answers', 'answers', 'answers', 'refuses', 'throws')

function act<T>(how: Behaviour, answer: T, refusal: T): T {
  if (how === 'throws') throw 'thrown'
  return how === 'answers' ? answer : refusal
}

const HIDDEN = ruling({ ...DENY, visible: false })
const FAULTY = { ...DESCRIBED, faults: [{ pointer: '/path', expected: 'is required' }] }
const UNAVAILABLE = { code: 'log_unavailable', retryAfterSeconds: 1 } as const
const UNREAD = { era: 'legacy', refusal: { code: 'malformed_json' } } as const
const FAULT = Promise.resolve({ status: 'fault', bytes: 0 } as const)
const SPENT = { code: 'quota_unavailable', retryAfterSeconds: 1 } as const

test('whatever the ports do: one end, one decision line, one settlement, no effect without a recorded permit', async () => {
  const run = fc.record({
    authenticate: behaviour,
    parse: behaviour,
    describe: behaviour,
    decide: behaviour,
    meter: behaviour,
    record: behaviour,
    refund: behaviour,
    perform: behaviour,
    enforce: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(run, async (how) => {
      const refund = jest.fn(async () => act(how.refund, undefined, undefined))
      const written: ('permit' | 'refusal')[] = []
      const ports = world({
        authenticate: async () =>
          act<Awaited<ReturnType<Ports['authenticate']>>>(how.authenticate, ok(ALICE), err({ code: 'token_missing' })),
        parse: async () => act<Awaited<ReturnType<Ports['parse']>>>(how.parse, ok(CALL), err(UNREAD)),
        describe: () => act(how.describe, DESCRIBED, FAULTY),
        decide: () => act(how.decide, ruling(PERMIT), HIDDEN),
        meter: async () => act<Awaited<ReturnType<Ports['meter']>>>(how.meter, ok(grant({ refund })), err(SPENT)),
        record: async (_trail, refusal) => {
          if (refusal === undefined) {
            const taken = act<Awaited<ReturnType<Ports['record']>>>(how.record, ok(undefined), err(UNAVAILABLE))
            if (taken.ok) written.push('permit')
            return taken
          }
          written.push('refusal')
          return ok(undefined)
        },
        perform: async () => act(how.perform, { reply: REPLY, outcome: OUTCOME }, { reply: REPLY, outcome: FAULT }),
      })

      const { end, grant: reserved } = await walk(EXCHANGE, ports, { enforce: how.enforce })

      expect(written).toHaveLength(1)
      expect(ports.perform).toHaveBeenCalledTimes(written[0] === 'permit' ? 1 : 0)
      expect(ports.settle).toHaveBeenCalledTimes(written[0] === 'permit' ? 1 : 0)
      expect(refund).toHaveBeenCalledTimes(reserved !== undefined && written[0] === 'refusal' ? 1 : 0)
      expect(end.kind).toBe(written[0] === 'permit' && how.perform !== 'throws' ? 'answered' : 'refused')
    }),
    { numRuns: 500 },
  )
})
