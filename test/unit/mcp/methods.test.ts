import { expect, test } from '@jest/globals'
import { METHODS } from '../../../src/mcp/methods.ts'

const served = (era: 'legacy' | 'modern') =>
  [...METHODS].filter(([, { eras, target }]) => eras.includes(era) && target !== 'unoffered').map(([method]) => method)

test('the methods that reach a decision are these, and no other', () => {
  expect(served('legacy')).toEqual(['initialize', 'ping', 'tools/list', 'tools/call'])
  expect(served('modern')).toEqual(['server/discover', 'tools/list', 'tools/call'])
})

test('methods that 2026-07-28 removed or added are known on their own wire alone', () => {
  const only = (era: 'legacy' | 'modern') =>
    [...METHODS].filter(([, { eras }]) => eras.length === 1 && eras[0] === era).map(([method]) => method)
  expect(only('legacy')).toEqual([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'tasks/result',
    'tasks/list',
  ])
  expect(only('modern')).toEqual(['server/discover', 'subscriptions/listen', 'tasks/update'])
})

test('Mcp-Name mirrors what SEP-2243 says', () => {
  const named = [...METHODS].flatMap(([method, { named }]) => (named === undefined ? [] : [[method, named]]))
  expect(named).toEqual([
    ['tools/call', 'name'],
    ['prompts/get', 'name'],
    ['resources/read', 'uri'],
    ['tasks/get', 'taskId'],
    ['tasks/update', 'taskId'],
    ['tasks/cancel', 'taskId'],
  ])
})
