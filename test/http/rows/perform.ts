import { toolError } from '../answers.ts'
import { DECISION } from '../world.ts'
import { as, BOTH, type Row } from './row.ts'

/** Recorded as a decision and its outcome: the refusal comes after both. */
export const PERFORM: readonly Row[] = ['explode', 'misanswer'].map((name) => ({
  code: 'tool_failed',
  when: `${name} fails`,
  eras: BOTH,
  send: async (world, sent) => world.call(name, {}, { ...sent, token: await as(world, 'ample') }),
  expected: (era) => ({
    status: 200,
    body: toolError(era, `The tool failed (decision ${DECISION})`, { code: 'tool_failed', decision_id: DECISION }),
  }),
}))
