import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Child<Answer> = {
  readonly answer: Answer
  /** Milliseconds of processor time that it has used, all of its threads together. */
  readonly processorTime: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Longest a child may take to say what it was started for. */
const PATIENCE_MS = 300_000

/**
 * Starts a module of this folder in a process of its own and waits for the one message it sends. The child
 * ends with its channel to this process, so it never outlives it.
 */
export async function startChild<Answer>(
  module: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Child<Answer>> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [...args], { execArgv: [...flags] })
  const exited = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  try {
    const answer = await Promise.race([
      once(child, 'message').then(([message]) => message as Answer),
      exited.then(([code, signal]) => {
        throw new Error(`${module} ended with ${code ?? signal} before it answered`)
      }),
    ])
    const stop = async () => {
      child.kill('SIGKILL')
      await exited
    }
    const processorTime = async () => {
      child.send('processor time?')
      const [used] = (await once(child, 'message')) as [NodeJS.CpuUsage]
      return (used.user + used.system) / 1000
    }
    return { answer, processorTime, stop }
  } finally {
    clearTimeout(timer)
  }
}

/** In the child: sends the message, says what it used when asked, and ends when the parent is gone. */
export function answerParent(message: unknown): void {
  process.on('disconnect', () => process.exit())
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.send?.(message)
}
