import { Type } from 'typebox'
import { definePrompt, defineResource, defineResourceTemplate, inputRequired, ok } from '../../../src/index.ts'
import { PIXEL } from './media.ts'

// The prompts and resources that the scenarios of @modelcontextprotocol/conformance ask for.
const word = (description: string) => Type.String({ maxLength: 1000, description })
const user = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } })
const common = { title: 'Of the conformance suite', description: 'What the suite asks for' }

export const simple = definePrompt({
  ...common,
  name: 'test_simple_prompt',
  run: async () => ok({ messages: [user('This is a simple prompt for testing.')] }),
})

export const withArguments = definePrompt({
  ...common,
  name: 'test_prompt_with_arguments',
  arguments: Type.Object({ arg1: word('The first'), arg2: word('The second') }, { additionalProperties: false }),
  complete: { arg1: (value) => ['paris', 'park', 'party'].filter((one) => one.startsWith(value)) },
  run: async ({ arg1, arg2 }) => ok({ messages: [user(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
})

export const withEmbeddedResource = definePrompt({
  ...common,
  name: 'test_prompt_with_embedded_resource',
  arguments: Type.Object({ resourceUri: word('What is embedded') }, { additionalProperties: false }),
  run: async ({ resourceUri: uri }) => {
    const resource = { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' }
    return ok({
      messages: [
        { role: 'user', content: { type: 'resource', resource } },
        user('Please process the embedded resource above.'),
      ],
    })
  },
})

export const withImage = definePrompt({
  ...common,
  name: 'test_prompt_with_image',
  run: async () =>
    ok({
      messages: [
        { role: 'user', content: { type: 'image', data: PIXEL, mimeType: 'image/png' } },
        user('Please analyze the image above.'),
      ],
    }),
})

export const needsInput = definePrompt({
  ...common,
  name: 'test_input_required_result_prompt',
  asks: true,
  run: async (_args, { input }) => {
    const answer = input.responses['user_context']
    if (answer !== undefined) return ok({ messages: [user(JSON.stringify(answer))] })
    const requestedSchema = { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] }
    const params = { message: 'What context should the prompt use?', requestedSchema }
    return inputRequired({ user_context: { method: 'elicitation/create', params } })
  },
})

export const staticText = defineResource({
  ...common,
  uri: 'test://static-text',
  name: 'static-text',
  mimeType: 'text/plain',
  read: async () => ok({ text: 'This is the content of the static text resource.' }),
})

export const staticBinary = defineResource({
  ...common,
  uri: 'test://static-binary',
  name: 'static-binary',
  mimeType: 'image/png',
  read: async () => ok({ bytes: Buffer.from(PIXEL, 'base64') }),
})

export const watched = defineResource({
  ...common,
  uri: 'test://watched-resource',
  name: 'watched-resource',
  mimeType: 'text/plain',
  read: async () => ok({ text: 'Watched resource content' }),
})

export const data = defineResourceTemplate({
  ...common,
  uriTemplate: 'test://template/{id}/data',
  name: 'template-data',
  mimeType: 'application/json',
  complete: { id: (value) => ['123', '124'].filter((one) => one.startsWith(value)) },
  read: async ({ id }) => ok({ text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }),
})
