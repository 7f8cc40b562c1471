import { afterAll, beforeAll, test } from '@jest/globals'
import { catalogueEntry } from './catalogue.ts'
import { watch } from './invariants.ts'
import { createScene, type Scene } from './scene.ts'
import { type LogLine, type RunningServer, type ServerOptions, startServer } from './server.ts'

export type Attack = (scene: Scene) => Promise<void>
export type AttackOptions = {
  readonly roles?: readonly string[]
  /** Where its requests come from: any address of loopback. */
  readonly address?: string
  /** What the log must hold of it, after the invariants were found to hold. */
  readonly logged?: (lines: readonly LogLine[]) => void
}

/** For what hangs; how long an attack takes depends on the machine and is no part of any test. */
const TIMEOUT = 60_000

/**
 * Attacks on one server. Each is a test under its title in the catalogue, made by a caller of its own, and
 * ends with the invariants.
 */
export function attacksOn(options: ServerOptions = {}): (id: string, run: Attack, options?: AttackOptions) => void {
  let server: RunningServer | undefined
  beforeAll(async () => {
    server = await startServer(options)
  }, TIMEOUT)
  afterAll(() => server?.stop())

  return (id, run, { roles = ['readonly'], address, logged } = {}) => {
    test(
      `${id} ${catalogueEntry(id).title}`,
      async () => {
        if (server === undefined) throw new Error('the server did not start')
        const watching = await watch(server)
        const scene = await createScene(server, { sub: `caller-${id}`, roles }, address)
        await run(scene)
        const lines = await watching.check(scene.seen())
        logged?.(lines)
      },
      TIMEOUT,
    )
  }
}
