import { setImmediate } from 'node:timers/promises'
import type { RecordSink } from './sinks/sink.ts'

/** A line on its way. `settled` hears once whether it was written; a line without it is kept until it is. */
export type Line = { readonly text: string; readonly settled?: (written: boolean) => void }

export type Batcher = {
  readonly add: (line: Line) => void
  /** Takes back a line that is not being written yet. */
  readonly remove: (line: Line) => void
  /** Starts writing what waits, unless a write is going on. */
  readonly kick: () => void
  readonly count: () => number
  readonly characters: () => number
  /** Resolves when nothing waits any more, or when a write failed. */
  readonly drained: () => Promise<void>
}

const LARGEST_WRITE = 1_048_576

/**
 * Writes lines in groups: all that came while the last write was going on leave in the next. After a failed
 * write kept lines wait for the next kick, in their order; the others are told and gone.
 */
export const createBatcher = (options: {
  readonly sink: RecordSink
  readonly written: () => void
  readonly failed: (error: unknown) => void
}): Batcher => {
  const { sink, written, failed } = options
  let waiting = new Set<Line>()
  let leaving: readonly Line[] = []
  let characters = 0
  let running: Promise<void> | undefined

  const nextGroup = (): readonly Line[] => {
    const group: Line[] = []
    let size = 0
    for (const line of waiting) {
      if (size > 0 && size + line.text.length > LARGEST_WRITE) break
      size += line.text.length
      group.push(line)
      waiting.delete(line)
    }
    return group
  }

  const finish = (lines: Iterable<Line>, written: boolean) => {
    for (const line of lines) {
      characters -= line.text.length
      line.settled?.(written)
    }
  }

  /** Whoever waits is told at once, also behind the group that failed: the sink is not asked again for them. */
  const giveUp = (group: readonly Line[]) => {
    const all = [...group, ...waiting]
    waiting = new Set(all.filter((line) => line.settled === undefined))
    finish(
      all.filter((line) => line.settled !== undefined),
      false,
    )
  }

  const isWaitedFor = () => [...waiting].some((line) => line.settled !== undefined)

  const run = async () => {
    // Whatever else this turn of the event loop brings leaves in the same write. A line that nobody waits for goes
    // at once, so that whoever has an answer finds its end on the log.
    await (isWaitedFor() ? setImmediate() : undefined)
    try {
      while (waiting.size > 0) {
        leaving = nextGroup()
        const group = leaving
        await sink.write(group.map((line) => line.text).join(''))
        leaving = []
        written()
        finish(group, true)
      }
    } catch (error) {
      const group = leaving
      leaving = []
      failed(error)
      giveUp(group)
    }
    running = undefined
  }

  const kick = () => {
    if (running === undefined && waiting.size > 0) running = run()
  }

  return {
    add: (line) => {
      waiting.add(line)
      characters += line.text.length
      kick()
    },
    remove: (line) => {
      if (waiting.delete(line)) characters -= line.text.length
    },
    kick,
    count: () => waiting.size + leaving.length,
    characters: () => characters,
    drained: async () => {
      kick()
      await running
    },
  }
}
