import { err, ok } from '../../../src/lib/result.ts'
import type { Ports } from '../../../src/pep/ports.ts'
import { CALL, LIST } from '../../unit/pep/world.ts'
import { rpcError, toolError } from '../answers.ts'
import { SECRET } from '../tools.ts'
import type { Era } from '../world.ts'
import { BOTH, type Row } from './row.ts'

/**
 * What no adapter of this product does. `broken`: none of them throws. `capability_missing`: no tool here asks its
 * caller for anything. So these two go through the edge and the walk over ports that do.
 */
export const THROUGH_PORTS: readonly (Pick<Row, 'code' | 'when' | 'eras' | 'expected'> & {
  readonly ports: (era: Era) => Partial<Ports>
})[] = [
  {
    code: 'broken',
    when: 'a port throws on a call',
    eras: BOTH,
    ports: (era) => ({
      parse: async () => ok({ ...CALL, era }),
      decide: () => {
        throw new Error(SECRET)
      },
    }),
    expected: (era) => ({
      status: 200,
      body: toolError(era, 'No decision could be made (decision dec-1)', {
        code: 'no_decision',
        decision_id: 'dec-1',
      }),
    }),
  },
  {
    code: 'broken',
    when: 'a port throws on a list',
    eras: BOTH,
    ports: (era) => ({
      parse: async () => ok({ ...LIST, era }),
      describe: () => {
        throw SECRET
      },
    }),
    expected: () => ({
      status: 200,
      body: rpcError(-31500, 'No decision could be made (decision dec-1)', {
        code: 'no_decision',
        decision_id: 'dec-1',
      }),
    }),
  },
  {
    code: 'capability_missing',
    when: 'a client lacks what a call needs',
    eras: ['modern'],
    ports: (era) => ({
      parse: async () =>
        err({ era, id: 1, method: 'tools/call', refusal: { code: 'capability_missing', required: ['sampling'] } }),
    }),
    expected: () => ({
      status: 400,
      body: rpcError(-32021, 'A required client capability is missing', { requiredCapabilities: { sampling: {} } }),
    }),
  },
]
