import { describe, expect, jest, test } from '@jest/globals'
import type { Logger } from 'pino'
import { createSettlement } from '../../../src/app/settlement.ts'
import type { Recorder } from '../../../src/audit/recorder.ts'
import { deferred } from '../../../src/lib/deferred.ts'
import type { Grant } from '../../../src/model/grant.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Permitted } from '../../../src/pep/trail.ts'

function world() {
  const grant = { decisionId: 'd1', states: [], commit: jest.fn(async () => {}), refund: jest.fn(async () => {}) }
  const outcome = jest.fn<Recorder['outcome']>()
  const error = jest.fn()
  const recorder = { outcome } as unknown as Recorder
  const settlement = createSettlement(recorder, { error } as unknown as Logger)
  const permitted = { decisionId: 'd1', startedTicks: 0, grant: grant as Grant } as unknown as Permitted
  return { settlement, permitted, grant, outcome, error }
}

const NEVER = 2 ** 30

describe('settlement', () => {
  test.each<{ status: Outcome['status']; charged: boolean }>([
    { status: 'completed', charged: true },
    { status: 'fault', charged: true },
    { status: 'failed', charged: true },
    { status: 'cancelled', charged: true },
    { status: 'confined', charged: false },
    { status: 'not_run', charged: false },
  ])('of a call that ended $status: charged is $charged', async ({ status, charged }) => {
    const { settlement, permitted, grant, outcome } = world()
    settlement.settle(permitted, Promise.resolve({ status, bytes: 1 }))
    await settlement.drained(NEVER)
    expect([grant.commit.mock.calls.length, grant.refund.mock.calls.length]).toEqual(charged ? [1, 0] : [0, 1])
    expect(outcome).toHaveBeenCalledWith(
      expect.objectContaining({ decisionId: 'd1', charged, outcome: { status, bytes: 1 } }),
    )
  })

  test('waits for the end of the call', async () => {
    const { settlement, permitted, grant, outcome } = world()
    const ending = deferred<Outcome>()
    settlement.settle(permitted, ending.promise)
    await settlement.drained(0)
    expect(grant.commit).not.toHaveBeenCalled()
    expect(outcome).not.toHaveBeenCalled()
    ending.resolve({ status: 'completed', bytes: 0 })
    await settlement.drained(NEVER)
    expect(grant.commit).toHaveBeenCalledTimes(1)
    expect(outcome).toHaveBeenCalledTimes(1)
  })

  test('of an outcome that never came is a failure, charged and recorded', async () => {
    const { settlement, permitted, grant, outcome } = world()
    settlement.settle(permitted, Promise.reject(new Error('gone')))
    await settlement.drained(NEVER)
    expect(grant.commit).toHaveBeenCalledTimes(1)
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ outcome: { status: 'failed', bytes: 0 } }))
  })

  test('that breaks is told to the operator', async () => {
    const { settlement, permitted, outcome, error } = world()
    outcome.mockImplementation(() => {
      throw new Error('no')
    })
    settlement.settle(permitted, Promise.resolve({ status: 'completed', bytes: 0 }))
    await settlement.drained(NEVER)
    expect(error).toHaveBeenCalledWith({ error: 'Error: no' }, 'a call could not be settled')
  })
})
