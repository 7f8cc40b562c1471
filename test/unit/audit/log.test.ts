import { describe, expect, test } from '@jest/globals'
import { createDecisionLog } from '../../../src/audit/log.ts'
import type { Timer } from '../../../src/lib/deadline.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { LogRecord } from '../../../src/model/record.ts'
import { createClocks } from '../../ports/clocks.ts'
import { decision, outcome } from './facts.ts'

type Write = { readonly chunk: string; readonly succeed: () => void; readonly fail: (why: string) => void }

/** A sink whose writes end when the test says so, or at once with what `answer` says. */
const createSink = (answer: 'wait' | 'succeed' | 'fail') => {
  const control = { answer, closed: 0 }
  const writes: Write[] = []
  const text: string[] = []
  const write = (chunk: string) =>
    new Promise<void>((resolve, reject) => {
      const succeed = () => {
        text.push(chunk)
        resolve()
      }
      const fail = (why: string) => reject(new Error(why))
      if (control.answer === 'succeed') succeed()
      if (control.answer === 'fail') fail('ENOSPC')
      writes.push({ chunk, succeed, fail })
    })
  const close = async () => {
    control.closed += 1
  }
  const lines = () =>
    text
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): LogRecord => JSON.parse(line))
  return {
    control,
    writes,
    sink: { write, close },
    ids: () => lines().map(({ kind, decision_id }) => `${kind} ${decision_id}`),
  }
}

const world = (
  options: { mode?: 'strict' | 'lenient'; bufferSize?: number; answer?: 'wait' | 'succeed' | 'fail' } = {},
) => {
  const { mode = 'strict', bufferSize = 10, answer = 'succeed' } = options
  const created = createSink(answer)
  const waiting = new Set<() => void>()
  const timer: Timer = (run) => {
    waiting.add(run)
    return () => waiting.delete(run)
  }
  const { monotonic, advance } = createClocks()
  const log = createDecisionLog({
    sink: created.sink,
    mode,
    bufferSize,
    timeoutMs: 50,
    unauthenticatedPerSecond: 10,
    monotonic,
    timer,
  })
  const elapse = () => {
    for (const run of waiting) run()
  }
  return { ...created, log, waiting, elapse, advance }
}

const permit = (id: string) => decision({ decision_id: id })
const refusal = (id: string) => decision({ decision_id: id, refusal: 'denied' })
const ended = (id: string) => outcome({ decision_id: id })
const turn = () => new Promise(setImmediate)
const unavailable = err({ code: 'log_unavailable', retryAfterSeconds: 1 })
const written = ok(undefined)
const healthy = { writable: true, buffered: 0, dropped: 0, suppressed: 0 }

describe('strict', () => {
  test('a decision resolves when it is written, and not before', async () => {
    const { log, writes, waiting } = world({ answer: 'wait' })
    const seen: string[] = []
    const appended = log.append(permit('a')).then((result) => {
      seen.push('resolved')
      return result
    })
    await turn()
    expect([seen, writes.length]).toEqual([[], 1])
    writes[0]?.succeed()
    expect(await appended).toEqual(written)
    expect(waiting.size).toBe(0)
    expect(log.health()).toEqual(healthy)
  })

  test('what comes together, or during a write, leaves in one write', async () => {
    const { log, writes, ids } = world({ answer: 'wait', bufferSize: 100 })
    const first = [log.append(permit('a')), log.append(permit('b')), log.append(permit('c'))]
    await turn()
    const second = [log.append(permit('d')), log.append(permit('e'))]
    await turn()
    expect(writes.length).toBe(1)
    writes[0]?.succeed()
    expect(await Promise.all(first)).toEqual([written, written, written])
    await turn()
    writes[1]?.succeed()
    expect(await Promise.all(second)).toEqual([written, written])
    expect(writes.length).toBe(2)
    expect(ids()).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `decision ${id}`))
  })

  test('a failed write refuses, shows, and is over with the next', async () => {
    const { log, control, ids } = world({ answer: 'fail' })
    expect(await log.append(permit('a'))).toEqual(unavailable)
    expect(log.health()).toEqual({ ...healthy, writable: false, last_error: 'ENOSPC' })
    control.answer = 'succeed'
    expect(await log.append(permit('b'))).toEqual(written)
    expect(log.health()).toEqual(healthy)
    expect(ids()).toEqual(['decision b'])
  })

  test('a failed write also refuses those behind it, and asks the sink no more', async () => {
    const { log, writes } = world({ answer: 'wait' })
    const first = log.append(permit('a'))
    await turn()
    const second = log.append(permit('b'))
    writes[0]?.fail('EIO')
    expect(await Promise.all([first, second])).toEqual([unavailable, unavailable])
    await turn()
    expect(writes.length).toBe(1)
  })

  test('outcomes and refusals outlive failed writes, in their order', async () => {
    const { log, control, ids } = world()
    await log.append(permit('a'))
    control.answer = 'fail'
    log.appendQuietly(ended('a'))
    log.appendQuietly(refusal('b'))
    await log.flush()
    expect(await log.append(permit('c'))).toEqual(unavailable)
    expect(log.health()).toEqual({ ...healthy, writable: false, buffered: 2, last_error: 'ENOSPC' })
    control.answer = 'succeed'
    expect(await log.append(permit('d'))).toEqual(written)
    expect(ids()).toEqual(['decision a', 'outcome a', 'decision b', 'decision d'])
    expect(log.health()).toEqual(healthy)
  })

  test('a write that hangs refuses in time (G-007); what landed late is shown to have been refused', async () => {
    const { log, writes, elapse, ids } = world({ answer: 'wait' })
    const first = log.append(permit('a'))
    await turn()
    const behind = log.append(permit('b'))
    elapse()
    expect(await Promise.all([first, behind])).toEqual([unavailable, unavailable])
    expect(log.health()).toEqual({
      ...healthy,
      writable: false,
      buffered: 1,
      last_error: 'no write was finished within 50 ms',
    })
    log.appendQuietly(refusal('a'))
    writes[0]?.succeed()
    await turn()
    writes[1]?.succeed()
    await log.flush()
    expect(ids()).toEqual(['decision a', 'decision a'])
    expect(log.health()).toEqual(healthy)
  })

  test('a sink that hangs fills no memory: slots are given back, and beyond them nothing is taken', async () => {
    const { log, writes, elapse } = world({ answer: 'wait', bufferSize: 8 })
    for (let round = 0; round < 50; round += 1) {
      const asked = Array.from({ length: 20 }, (_, n) => log.append(permit(`${round}-${n}`)))
      await turn()
      elapse()
      expect(await Promise.all(asked)).toEqual(asked.map(() => unavailable))
      expect(log.health().buffered).toBeLessThanOrEqual(4)
    }
    expect(writes.length).toBe(1)
  })

  test('a permitted call holds a slot for its outcome until that comes', async () => {
    const { log, ids } = world({ bufferSize: 4 })
    expect(await log.append(permit('a'))).toEqual(written)
    expect(await log.append(permit('b'))).toEqual(written)
    expect(await log.append(permit('c'))).toEqual(written)
    expect(await log.append(permit('d'))).toEqual(unavailable)
    log.appendQuietly(ended('a'))
    await log.flush()
    expect(await log.append(permit('d'))).toEqual(written)
    expect(ids()).toEqual(['decision a', 'decision b', 'decision c', 'outcome a', 'decision d'])
  })

  test('monitor mode permits too: what it let pass holds a slot', async () => {
    const { log } = world({ bufferSize: 2 })
    expect(await log.append(decision({ decision_id: 'a', refusal: 'denied', enforced: false }))).toEqual(written)
    expect(await log.append(permit('b'))).toEqual(unavailable)
  })

  test('no outcome of a permitted call is lost, however full the buffer is', async () => {
    const { log, control, ids } = world({ bufferSize: 6 })
    const calls = ['a', 'b', 'c']
    for (const id of calls) expect(await log.append(permit(id))).toEqual(written)
    control.answer = 'fail'
    for (let n = 0; n < 50; n += 1) log.appendQuietly(refusal(`r${n}`))
    for (const id of calls) log.appendQuietly(ended(id))
    await log.flush()
    expect(log.health()).toEqual({ writable: false, buffered: 3, dropped: 50, suppressed: 0, last_error: 'ENOSPC' })
    control.answer = 'succeed'
    await log.flush()
    expect(ids()).toEqual([...calls.map((id) => `decision ${id}`), ...calls.map((id) => `outcome ${id}`)])
  })

  test('refusals cannot take the half of the buffer that permits need (G-009)', async () => {
    const { log, control } = world({ bufferSize: 10, answer: 'fail' })
    for (let n = 0; n < 50; n += 1) log.appendQuietly(refusal(`r${n}`))
    await log.flush()
    expect(log.health()).toEqual({ writable: false, buffered: 5, dropped: 45, suppressed: 0, last_error: 'ENOSPC' })
    control.answer = 'succeed'
    expect(await log.append(permit('a'))).toEqual(written)
  })

  test('before authentication only a rate is written, the others are counted', async () => {
    const { log, ids, advance } = world({ bufferSize: 100 })
    for (let n = 0; n < 1000; n += 1) log.appendQuietly(refusal(`u${n}`), { unauthenticated: true })
    await log.flush()
    expect(ids()).toEqual(Array.from({ length: 10 }, (_, n) => `decision u${n}`))
    expect(log.health()).toEqual({ ...healthy, suppressed: 990 })
    advance(300)
    for (let n = 0; n < 1000; n += 1) log.appendQuietly(refusal(`v${n}`), { unauthenticated: true })
    await log.flush()
    expect(ids().length).toBe(13)
    expect(log.health()).toEqual({ ...healthy, suppressed: 1987 })
  })

  test('very long lines are bounded by their length, not only by their number', async () => {
    const { log } = world({ bufferSize: 1000, answer: 'wait' })
    const huge = decision({ decision_id: 'x', refusal: 'denied', cause: 'y'.repeat(10 * 1024 * 1024) })
    for (let n = 0; n < 9; n += 1) log.appendQuietly(huge)
    expect(log.health()).toEqual({ ...healthy, buffered: 7, dropped: 2 })
  })
})

describe('within one turn of the event loop', () => {
  const microtasks = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }

  test('decisions that come one after the other leave in one write', async () => {
    const { log, writes } = world()
    const first = log.append(permit('a'))
    await microtasks()
    const second = log.append(permit('b'))
    expect(await Promise.all([first, second])).toEqual([written, written])
    expect(writes).toHaveLength(1)
  })

  test('a line that nobody waits for is on the log before the turn ends', async () => {
    const { log, ids } = world()
    await log.append(permit('a'))
    log.appendQuietly(ended('a'))
    await microtasks()
    expect(ids()).toEqual(['decision a', 'outcome a'])
  })
})

describe('lenient', () => {
  test('resolves at once, whatever the sink does; what finds no room is counted', async () => {
    const { log, control, ids } = world({ mode: 'lenient', bufferSize: 3, answer: 'fail' })
    for (const id of ['a', 'b', 'c', 'd', 'e']) expect(await log.append(permit(id))).toEqual(written)
    await log.flush()
    expect(log.health()).toEqual({ writable: false, buffered: 3, dropped: 2, suppressed: 0, last_error: 'ENOSPC' })
    control.answer = 'succeed'
    await log.append(permit('f'))
    await log.flush()
    expect(ids()).toEqual(['decision a', 'decision b', 'decision c'])
    expect(log.health()).toEqual({ ...healthy, dropped: 3 })
  })

  test('an outcome is a line like any other', async () => {
    const { log, ids } = world({ mode: 'lenient' })
    await log.append(permit('a'))
    log.appendQuietly(ended('a'))
    await log.flush()
    expect(ids()).toEqual(['decision a', 'outcome a'])
  })
})

describe('close', () => {
  test('writes what waits, closes the sink once, and takes nothing more', async () => {
    const { log, control, ids } = world()
    const last = log.append(permit('a'))
    await Promise.all([log.close(), log.close()])
    expect(await last).toEqual(written)
    expect(control.closed).toBe(1)
    expect(await log.append(permit('b'))).toEqual(unavailable)
    log.appendQuietly(ended('a'))
    await log.flush()
    expect(ids()).toEqual(['decision a'])
    expect(log.health()).toEqual({ ...healthy, writable: false, dropped: 1 })
  })

  test('does not wait for a sink that hangs, and counts what it left', async () => {
    const { log, elapse, control } = world({ answer: 'wait' })
    log.appendQuietly(refusal('a'))
    const closing = log.close()
    await turn()
    elapse()
    await closing
    expect(control.closed).toBe(0)
    expect(log.health()).toEqual({ writable: false, buffered: 1, dropped: 1, suppressed: 0 })
  })

  test('closes a sink that fails', async () => {
    const { log, control } = world({ answer: 'fail' })
    log.appendQuietly(refusal('a'))
    await log.close()
    expect(control.closed).toBe(1)
    expect(log.health().dropped).toBe(1)
  })
})
