import { Type } from 'typebox'
import { defineTool } from '../../../src/index.ts'
import { ok } from '../../../src/lib/result.ts'

type Run = { readonly end: () => void; readonly signal: AbortSignal }

/** The calls of `wait` that have begun and not ended; a test ends them. */
export const running: Run[] = []

/** Ends when the test says so, or when its caller has gone. */
export const wait = defineTool({
  name: 'wait',
  title: 'Wait',
  description: 'Waits until a test ends it',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({}, { additionalProperties: false }),
  readOnly: true,
  run: async (_args, { signal }) => {
    await new Promise<void>((resolve) => {
      const end = () => {
        const at = running.findIndex((run) => run.signal === signal)
        if (at !== -1) running.splice(at, 1)
        resolve()
      }
      running.push({ end, signal })
      signal.addEventListener('abort', end)
    })
    return ok({})
  },
})
