import { describe, expect, test } from '@jest/globals'
import { Value } from 'typebox/value'
import { PolicyInput } from '../../../src/model/input.ts'
import { policyInput } from '../../../src/pep/policy-input.ts'
import { ALICE, CALL, SERVER } from './world.ts'

const at = (time: string) =>
  policyInput(ALICE, { action: 'ping', resource: SERVER }, { ...CALL, era: 'modern' }, 'req-1', new Date(time))

describe('the policy input', () => {
  test('is subject, action, resource and context, and fits its schema', () => {
    const input = at('2026-11-22T15:44:00.000Z')
    expect(input).toEqual({
      subject: ALICE,
      action: { name: 'ping' },
      resource: SERVER,
      context: {
        time: '2026-11-22T15:44:00.000Z',
        unix: 1795362240,
        weekday: 7,
        hour: 15,
        minute: 44,
        request_id: 'req-1',
        protocol_version: '2025-11-25',
        era: 'modern',
        bytes: 312,
      },
    })
    expect(Value.Check(PolicyInput, input)).toBe(true)
  })

  test.each<{ time: string; unix: number; weekday: number; hour: number; minute: number }>([
    { time: '2026-11-23T00:00:00.000Z', unix: 1795392000, weekday: 1, hour: 0, minute: 0 },
    { time: '2026-11-28T23:59:59.999Z', unix: 1795910399, weekday: 6, hour: 23, minute: 59 },
    { time: '2024-02-29T12:30:00.500Z', unix: 1709209800, weekday: 4, hour: 12, minute: 30 },
    { time: '1970-01-01T00:00:00.000Z', unix: 0, weekday: 4, hour: 0, minute: 0 },
  ])('$time', (times) => {
    expect(at(times.time).context).toMatchObject(times)
  })
})
