import { Type } from 'typebox'
import {
  Content,
  content,
  definePrompt,
  defineResource,
  defineResourceTemplate,
  defineTool,
  inputRequired,
  ok,
} from '../../src/index.ts'

// Prompts, resources and a tool that asks, for these tests.
const common = { title: 'Of these tests', description: 'Of these tests' }
const Nothing = Type.Object({}, { additionalProperties: false })
const user = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } })

export const greet = definePrompt({
  ...common,
  name: 'greet',
  arguments: Type.Object({ who: Type.String({ maxLength: 16, description: 'Whom' }) }, { additionalProperties: false }),
  complete: { who: (value) => ['alice', 'alan', 'bob'].filter((name) => name.startsWith(value)) },
  run: async ({ who }) => ok({ messages: [user(`Hello, ${who}`)] }),
})

export const secret = definePrompt({
  ...common,
  name: 'secret',
  complete: {},
  run: async () => ok({ messages: [user('canary')] }),
})

export const broken = definePrompt({
  ...common,
  name: 'broken',
  run: async () => {
    throw new Error('postgres://root:hunter2@10.0.0.1')
  },
})

const note = (uri: string) =>
  defineResource({ ...common, uri, name: 'note', mimeType: 'text/plain', read: async () => ok({ text: uri }) })

export const first = note('test://notes/first')
export const second = note('test://notes/second')

export const part = defineResourceTemplate({
  ...common,
  uriTemplate: 'test://notes/{id}/{part}',
  name: 'part',
  mimeType: 'text/plain',
  complete: { id: (value, { part = '?' }) => [`${value}-${part}`] },
  read: async ({ id, part }) => ok({ text: `${part} of ${id}` }),
})

export const confirm = defineTool({
  ...common,
  name: 'confirm',
  asks: true,
  input: Type.Object({ what: Type.String({ maxLength: 16 }) }, { additionalProperties: false }),
  output: Content,
  readOnly: true,
  run: async ({ what }, { input }) => {
    if (input.state === what && input.responses['sure'] !== undefined) return content({ type: 'text', text: 'Done' })
    return inputRequired({ sure: { method: 'elicitation/create', params: { message: `${what}?` } } }, what)
  },
})

export const announce = defineTool({
  ...common,
  name: 'announce',
  input: Nothing,
  output: Content,
  readOnly: true,
  run: async (_args, { changed, progress }) => {
    progress(1, 2)
    changed({ kind: 'resource', uri: 'test://notes/second' })
    changed({ kind: 'resource', uri: 'test://notes/first' })
    changed({ kind: 'tools' })
    return content({ type: 'text', text: 'Told' })
  },
})

export const needsModel = defineTool({
  ...common,
  name: 'needsModel',
  input: Nothing,
  output: Content,
  readOnly: true,
  requires: ['sampling'],
  run: async () => content({ type: 'text', text: 'There is a model' }),
})
