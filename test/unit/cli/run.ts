import { jest } from '@jest/globals'
import { runCommandLine } from '../../../src/cli/program.ts'

export type Ran = { readonly stdout: string; readonly stderr: string; readonly code: number }

class Exit extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** Runs a command line in this process, and puts back what it changes of it. */
export async function run(...args: readonly string[]): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk)
      return true
    }),
  )
  const exit = jest.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Exit(Number(code ?? 0))
  })
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await runCommandLine(['node', 'portcullis', ...args])
    return { ...written, code: Number(process.exitCode ?? 0) }
  } catch (thrown) {
    if (thrown instanceof Exit) return { ...written, code: thrown.code }
    throw thrown
  } finally {
    process.exitCode = before
    for (const spy of [...spies, exit]) spy.mockRestore()
  }
}
