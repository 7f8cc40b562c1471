import { rpcError, toolError } from '../answers.ts'
import { DECISION } from '../world.ts'
import { as, BOTH, METADATA, plain, READ, type Row } from './row.ts'

const UNDECIDED_TEXT = `No decision could be made (decision ${DECISION})`
const undecided = { code: 'no_decision', decision_id: DECISION }
/** What OPA says of a rule with two values. */
const conflict = (rule: string) => `mcp/rules/tests/${rule}/${rule}.rego:17:1: var assignment conflict`

const TOO_MANY = { numbers: new Array(20_001).fill(1) }

export const DECIDE: readonly Row[] = [
  {
    code: 'input_too_large',
    when: 'there are more values than a decision takes',
    eras: BOTH,
    send: async (world, sent) => world.call('count', TOO_MANY, { ...sent, token: await as(world, 'ample') }),
    expected: () => ({ status: 200, body: rpcError(-32600, 'More keys, depth or bytes than a decision takes') }),
  },
  {
    code: 'unknown_tool',
    when: 'there is no tool of that name',
    eras: BOTH,
    send: (world, sent) => world.call('nothing', {}, sent),
    expected: () => ({ status: 200, body: rpcError(-32602, 'Unknown tool: nothing') }),
  },
  {
    code: 'unknown_prompt',
    when: 'there is no prompt of that name',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, method: 'prompts/get', params: { name: 'nothing' } }),
    expected: () => ({ status: 200, body: rpcError(-32602, 'Unknown prompt: nothing') }),
  },
  {
    code: 'unknown_resource',
    when: 'there is nothing at that URI',
    eras: BOTH,
    send: (world, sent) => world.send({ ...sent, method: 'resources/read', params: { uri: 'test://nothing' } }),
    expected: (era) => ({
      status: 200,
      body: rpcError(era === 'legacy' ? -32002 : -32602, 'Resource not found: test://nothing', {
        uri: 'test://nothing',
      }),
    }),
  },
  {
    code: 'foreign_state',
    when: 'state comes back that was never given',
    eras: ['modern'],
    send: (world, sent) => world.send({ ...sent, ...READ, params: { ...READ.params, requestState: 'x' } }),
    expected: () => ({
      status: 200,
      body: rpcError(-32602, 'What came back answers nothing that this server asked you for, or it came too late'),
    }),
  },
  {
    code: 'hidden',
    when: 'no role grants the tool',
    eras: BOTH,
    send: (world, sent) => world.call('writeFile', { path: 'public/a.txt', content: '' }, sent),
    expected: () => ({ status: 200, body: rpcError(-32602, 'Unknown tool: writeFile') }),
  },
  {
    code: 'hidden',
    when: 'the arguments of a hidden tool are wrong',
    eras: BOTH,
    send: (world, sent) => world.call('writeFile', { nonsense: 1 }, sent),
    expected: () => ({ status: 200, body: rpcError(-32602, 'Unknown tool: writeFile') }),
  },
  {
    code: 'hidden',
    when: 'the arguments of a hidden tool are more than a decision takes',
    eras: BOTH,
    send: (world, sent) => world.call('count', TOO_MANY, sent),
    expected: () => ({ status: 200, body: rpcError(-32602, 'Unknown tool: count') }),
  },
  {
    code: 'invalid_arguments',
    when: 'several are wrong',
    eras: BOTH,
    send: (world, sent) => world.call('readFile', { encoding: 'rot13', mode: 1 }, sent),
    expected: (era) => ({
      status: 200,
      body: toolError(
        era,
        'Invalid arguments: /path is required; /mode is not an argument of this tool; /encoding must be one of the values in the schema',
        {
          code: 'invalid_arguments',
          faults: [
            { pointer: '/path', expected: 'is required' },
            { pointer: '/mode', expected: 'is not an argument of this tool' },
            { pointer: '/encoding', expected: 'must be one of the values in the schema' },
          ],
        },
      ),
      cause:
        '/path: is required; /mode: is not an argument of this tool; /encoding: must be one of the values in the schema',
    }),
  },
  {
    code: 'denied',
    when: 'a path lies outside',
    eras: BOTH,
    send: (world, sent) => world.call('readFile', { path: '/private/plans.txt' }, sent),
    expected: (era) => ({
      status: 200,
      body: toolError(
        era,
        `Denied by policy: A path lies outside what the caller may use [paths.outside] (decision ${DECISION})`,
        {
          code: 'denied',
          reasons: [{ code: 'paths.outside', message: 'A path lies outside what the caller may use' }],
          decision_id: DECISION,
        },
      ),
    }),
  },
  {
    code: 'denied',
    when: 'a list is denied',
    eras: BOTH,
    send: async (world, sent) =>
      world.send({ ...sent, method: 'tools/list', params: {}, token: await as(world, 'mute') }),
    expected: () => ({
      status: 200,
      body: rpcError(-31403, `Denied by policy: This caller lists nothing [tests.mute] (decision ${DECISION})`, {
        code: 'denied',
        reasons: [{ code: 'tests.mute', message: 'This caller lists nothing' }],
        decision_id: DECISION,
      }),
    }),
  },
  {
    code: 'insufficient_scope',
    when: 'the token may only read',
    eras: BOTH,
    send: async (world, sent) => {
      const token = await world.token({ sub: 'u', roles: ['user'], scope: 'mcp:read' })
      return world.call('writeFile', { path: 'public/b.txt', content: '' }, { ...sent, token })
    },
    expected: () => ({
      ...plain('insufficient_scope', 'The access token lacks a scope that this operation needs', 403),
      headers: {
        'www-authenticate': `Bearer error="insufficient_scope", scope="mcp:write", resource_metadata="${METADATA}"`,
      },
    }),
  },
  {
    code: 'no_decision',
    when: 'the evaluation of a call breaks',
    eras: BOTH,
    send: async (world, sent) =>
      world.call('readFile', { path: 'public/a.txt' }, { ...sent, token: await as(world, 'confused') }),
    expected: (era) => ({ status: 200, body: toolError(era, UNDECIDED_TEXT, undecided), cause: conflict('confused') }),
  },
  {
    code: 'no_decision',
    when: 'the evaluation of a list breaks',
    eras: BOTH,
    send: async (world, sent) =>
      world.send({ ...sent, method: 'tools/list', params: {}, token: await as(world, 'baffled') }),
    expected: () => ({ status: 200, body: rpcError(-31500, UNDECIDED_TEXT, undecided), cause: conflict('baffled') }),
  },
]
