import { Type } from 'typebox'
import { deferred } from '../../src/lib/deferred.ts'
import { ok } from '../../src/lib/result.ts'
import { defineTool } from '../../src/tools/define.ts'

const Nothing = Type.Object({}, { additionalProperties: false })
const Done = Type.Object({ done: Type.Boolean() }, { additionalProperties: false })

const common = { description: 'A tool of these tests', output: Done, readOnly: true }

export const SECRET = 'postgres://root:hunter2@10.0.0.1'

/** Throws, with a text that must not leave the server. */
export const explode = defineTool({
  ...common,
  name: 'explode',
  title: 'Explode',
  input: Nothing,
  run: async () => {
    throw new Error(SECRET)
  },
})

/** Answers something else than it declares. */
export const misanswer = defineTool({
  ...common,
  name: 'misanswer',
  title: 'Answer wrongly',
  input: Nothing,
  run: async () => ok({ done: SECRET } as never),
})

/** What `hold` waits for: a test replaces it, and resolves it. */
export const held = { release: deferred<void>(), running: 0, started: 0 }

export const hold = defineTool({
  ...common,
  name: 'hold',
  title: 'Wait until told',
  input: Nothing,
  run: async () => {
    held.running += 1
    held.started += 1
    await held.release.promise
    held.running -= 1
    return ok({ done: true })
  },
})

/** Takes more values than a decision does. */
export const count = defineTool({
  ...common,
  name: 'count',
  title: 'Count',
  input: Type.Object({ numbers: Type.Array(Type.Integer(), { maxItems: 30_000 }) }, { additionalProperties: false }),
  run: async () => ok({ done: true }),
})

/** One argument travels in a header too (SEP-2243). */
export const route = defineTool({
  ...common,
  name: 'route',
  title: 'Route',
  input: Type.Object(
    { region: Type.String({ maxLength: 16, 'x-mcp-header': 'Region' }) },
    { additionalProperties: false },
  ),
  run: async () => ok({ done: true }),
})
