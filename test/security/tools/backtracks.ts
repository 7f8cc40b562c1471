import { Type } from 'typebox'
import { defineTool } from '../../../src/index.ts'
import { ok } from '../../../src/lib/result.ts'

export const backtracks = defineTool({
  name: 'backtracks',
  title: 'Backtracks',
  description: 'Has a pattern of exponential cost',
  input: Type.Object({ text: Type.String({ maxLength: 100, pattern: '^(a+)+$' }) }, { additionalProperties: false }),
  output: Type.Object({}, { additionalProperties: false }),
  readOnly: true,
  run: async () => ok({}),
})
