import type { Logger } from 'pino'
import type { Recorder } from '../audit/recorder.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Permitted } from '../pep/trail.ts'
import { ticks, wallClock } from './clocks.ts'

export type Settlement = {
  readonly settle: (permitted: Permitted, outcome: Promise<Outcome>) => void
  /** Resolves when every call that runs now has ended, or after `milliseconds`. */
  readonly drained: (milliseconds: number) => Promise<void>
}

/** What never ran, or was refused by the workspace, costs nothing. */
const REFUNDED: readonly Outcome['status'][] = ['confined', 'not_run']

/** The last step of the walk: it waits for the end of the tool, not of the answer. */
export function createSettlement(recorder: Recorder, logger: Logger): Settlement {
  const running = new Set<Promise<void>>()
  const settle = async ({ grant, decisionId, startedTicks }: Permitted, ending: Promise<Outcome>) => {
    const outcome = await ending.catch((): Outcome => ({ status: 'failed', bytes: 0 }))
    const charged = !REFUNDED.includes(outcome.status)
    await (charged ? grant?.commit() : grant?.refund())
    recorder.outcome({ decisionId, timestamp: wallClock(), outcome, charged, duration: ticks() - startedTicks })
  }
  return {
    settle: (permitted, outcome) => {
      const settled: Promise<void> = settle(permitted, outcome)
        .catch((error: unknown) => logger.error({ error: String(error) }, 'a call could not be settled'))
        .finally(() => running.delete(settled))
      running.add(settled)
    },
    drained: async (milliseconds) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds)
      })
      await Promise.race([Promise.allSettled(running), late])
      clearTimeout(timer)
    },
  }
}
