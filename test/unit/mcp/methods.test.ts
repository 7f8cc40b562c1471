import { expect, test } from '@jest/globals'
import { METHODS } from '../../../src/mcp/methods.ts'

const served = (era: 'legacy' | 'modern') =>
  [...METHODS].filter(([, { eras, target }]) => eras.includes(era) && target !== 'unoffered').map(([method]) => method)

test('the methods that reach a decision are these, and no other', () => {
  const shared = [
    'tools/list',
    'tools/call',
    'prompts/list',
    'prompts/get',
    'resources/list',
    'resources/templates/list',
    'resources/read',
    'completion/complete',
  ]
  expect(served('legacy').sort()).toEqual(['initialize', 'ping', 'logging/setLevel', ...shared].sort())
  expect(served('modern').sort()).toEqual(['server/discover', 'subscriptions/listen', ...shared].sort())
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
