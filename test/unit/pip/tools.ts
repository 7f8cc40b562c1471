import { Type } from 'typebox'
import type { Tool } from '../../../src/model/tool.ts'

/** A tool with nothing to check; a test changes what it is about. */
export const tool = (change: Partial<Tool> = {}): Tool => ({
  name: 'readFile',
  title: 'Read a file',
  description: 'Reads a file',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({}),
  readOnly: true,
  tags: ['files'],
  workspace: true,
  paths: {},
  payload: [],
  asks: false,
  requires: [],
  run: async () => ({ ok: true, value: {} }),
  ...change,
})
