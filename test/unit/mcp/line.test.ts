import { describe, expect, jest, test } from '@jest/globals'
import { lineFor } from '../../../src/mcp/line.ts'
import type { Notify } from '../../../src/mcp/protocol.ts'
import type { LogLevel } from '../../../src/model/caller.ts'
import { toolCall } from './permission.ts'

function open(threshold?: LogLevel, meta: object = { progressToken: 'p' }) {
  const notify = jest.fn<Notify>()
  const call = { ...toolCall('modern'), params: { _meta: meta as Record<string, string> } }
  const input = { capabilities: {}, responses: {} }
  const line = lineFor({ call, input, threshold, notify, changed: () => undefined })
  return { line, sent: () => notify.mock.calls }
}

describe('the way back to a caller', () => {
  test('progress only grows', () => {
    const { line, sent } = open()
    for (const progress of [0, 1, 1, 0.5, Number.NaN, 2]) line.progress(progress)
    line.progress(3, 3, 'done')
    expect(sent()).toEqual([
      ['notifications/progress', { progressToken: 'p', progress: 0 }],
      ['notifications/progress', { progressToken: 'p', progress: 1 }],
      ['notifications/progress', { progressToken: 'p', progress: 2 }],
      ['notifications/progress', { progressToken: 'p', progress: 3, total: 3, message: 'done' }],
    ])
  })

  test('nothing goes to who asked for nothing', () => {
    const { line, sent } = open(undefined, {})
    line.progress(1)
    line.log('emergency', 'x')
    expect(sent()).toEqual([])
  })

  test('messages from the severity on that the caller wants', () => {
    const { line, sent } = open('warning')
    line.log('notice', 'x')
    line.log('warning', { a: 1 })
    line.log('alert', 'y')
    expect(sent()).toEqual([
      ['notifications/message', { level: 'warning', data: { a: 1 }, logger: 'readFile' }],
      ['notifications/message', { level: 'alert', data: 'y', logger: 'readFile' }],
    ])
  })

  test('a client that does not read is kept only so much for', () => {
    const { line, sent } = open('debug')
    for (let i = 0; i < 1000; i++) line.log('info', 'x'.repeat(1024))
    const bytes = sent().reduce((sum, [, params]) => sum + JSON.stringify(params).length, 0)
    expect(bytes).toBeGreaterThan(200 * 1024)
    expect(bytes).toBeLessThan(256 * 1024)
  })
})
