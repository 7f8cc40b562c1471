import { Type } from 'typebox'
import { defineTool } from '../../../src/index.ts'
import { ok } from '../../../src/lib/result.ts'

/** Takes more values than a decision does, and writes, so that it is hidden from most. */
export const count = defineTool({
  name: 'count',
  title: 'Count',
  description: 'Counts numbers',
  input: Type.Object(
    {
      numbers: Type.Array(Type.Integer(), { maxItems: 100_000 }),
      texts: Type.Optional(Type.Array(Type.String({ maxLength: 1_000_000 }), { maxItems: 10 })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ count: Type.Integer() }, { additionalProperties: false }),
  readOnly: false,
  run: async ({ numbers }) => ok({ count: numbers.length }),
})
