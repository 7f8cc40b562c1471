import { Type } from 'typebox'
import { ok } from '../../src/lib/result.ts'
import { defineTool } from '../../src/tools/define.ts'

/** A tool of ordinary size that does nothing. */
export const generatedTool = (n: number) =>
  defineTool({
    name: `tool${n}`,
    title: `Tool ${n}`,
    description: 'Looks something up in a system of the company and answers with what was found there.',
    input: Type.Object(
      {
        query: Type.String({ maxLength: 200, description: 'What to look for' }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Most results' })),
      },
      { additionalProperties: false },
    ),
    output: Type.Object({ found: Type.Array(Type.String()) }, { additionalProperties: false }),
    readOnly: true,
    tags: ['search'],
    run: async () => ok({ found: [] }),
  })
