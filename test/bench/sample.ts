/** Runs one small batch and notes the milliseconds of each operation. */
export type Batch = (note: (milliseconds: number) => void) => void | Promise<void>

/** What one side of a comparison took, over all of its batches. */
export type Sample = {
  readonly p50: number
  readonly p99: number
  /** Operations per second while a batch of this side ran. */
  readonly rate: number
}

/** However slow the machine is, a comparison ends: with fewer rounds then. */
const LONGEST_MS = 12_000

type Collected = { readonly times: number[]; elapsed: number }

/**
 * Runs batches of all sides in turns, each round in the other direction, so that whatever else the machine
 * does hits every side alike. The first rounds warm up and are not counted.
 */
export async function interleave<Side extends string>(
  sides: Readonly<Record<Side, Batch>>,
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: number },
): Promise<Readonly<Record<Side, Sample>>> {
  const names = Object.keys(sides) as Side[]
  const collected = new Map(names.map((name): [Side, Collected] => [name, { times: [], elapsed: 0 }]))
  const deadline = performance.now() + LONGEST_MS
  for (let round = -warmUp; round < rounds; round++) {
    if (round > 1 && performance.now() > deadline) break
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const side = collected.get(name)
      if (side === undefined) continue
      const started = performance.now()
      await sides[name]((milliseconds) => {
        if (round >= 0) side.times.push(milliseconds)
      })
      if (round >= 0) side.elapsed += performance.now() - started
    }
  }
  return Object.fromEntries([...collected].map(([name, side]) => [name, summary(side)])) as Record<Side, Sample>
}

/** Calls a synchronous function `count` times. */
export const repeated =
  (count: number, run: () => unknown): Batch =>
  (note) => {
    for (let i = 0; i < count; i++) {
      const started = performance.now()
      run()
      note(performance.now() - started)
    }
  }

/** Keeps `inFlight` operations going until `count` have ended. */
export const concurrent =
  (count: number, inFlight: number, run: () => Promise<unknown>): Batch =>
  async (note) => {
    let left = count
    const work = async () => {
      while (left-- > 0) {
        const started = performance.now()
        await run()
        note(performance.now() - started)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, work))
  }

function summary({ times, elapsed }: Collected): Sample {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), rate: (times.length / elapsed) * 1000 }
}
