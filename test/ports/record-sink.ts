import { describe, expect, test } from '@jest/globals'
import type { RecordSink } from '../../src/audit/sinks/sink.ts'

export type SinkUnderTest = {
  readonly sink: RecordSink
  /** All that arrived so far. */
  readonly arrived: () => Promise<string>
  readonly dispose: () => Promise<void>
}

/** What every sink of the decision log must do, wherever its lines go. */
export const recordSinkSuite = (name: string, create: () => Promise<SinkUnderTest>) => {
  describe(name, () => {
    const using = async (run: (world: SinkUnderTest) => Promise<void>) => {
      const world = await create()
      try {
        await run(world)
      } finally {
        await world.sink.close()
        await world.dispose()
      }
    }

    test('what is written has arrived when the write resolves, byte for byte', () =>
      using(async ({ sink, arrived }) => {
        const chunk = '{"a":"é\\u2028😀"}\n{"b":2}\n'
        await sink.write(chunk)
        expect(await arrived()).toBe(chunk)
      }))

    test('writes keep their order', () =>
      using(async ({ sink, arrived }) => {
        const chunks = Array.from({ length: 200 }, (_, n) => `{"n":${n}}\n`)
        for (const chunk of chunks) await sink.write(chunk)
        expect(await arrived()).toBe(chunks.join(''))
      }))

    test('a large write arrives as a whole', () =>
      using(async ({ sink, arrived }) => {
        const chunk = `{"x":"${'y'.repeat(3 * 1024 * 1024)}"}\n`
        await sink.write(chunk)
        expect(await arrived()).toBe(chunk)
      }))
  })
}
