import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { Content, content, defineTool, fault, inputRequired } from '../../../src/index.ts'
import { AUDIO, PIXEL } from './media.ts'

// The tools that the scenarios of @modelcontextprotocol/conformance call, as built-in ones of Portcullis.
const Nothing = Type.Object({}, { additionalProperties: false })
const said = (text: string) => content({ type: 'text', text })
const common = { title: 'Of the conformance suite', input: Nothing, output: Content, readOnly: true }
const embedded = {
  type: 'resource' as const,
  resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
}
const image = { type: 'image' as const, data: PIXEL, mimeType: 'image/png' }

export const simpleText = defineTool({
  ...common,
  name: 'test_simple_text',
  description: 'Answers one text',
  run: async () => said('This is a simple text response for testing.'),
})

export const imageContent = defineTool({
  ...common,
  name: 'test_image_content',
  description: 'Answers an image',
  run: async () => content(image),
})

export const audioContent = defineTool({
  ...common,
  name: 'test_audio_content',
  description: 'Answers a sound',
  run: async () => content({ type: 'audio', data: AUDIO, mimeType: 'audio/wav' }),
})

export const embeddedResource = defineTool({
  ...common,
  name: 'test_embedded_resource',
  description: 'Answers a resource',
  run: async () => content(embedded),
})

export const multipleContentTypes = defineTool({
  ...common,
  name: 'test_multiple_content_types',
  description: 'Answers a text, an image and a resource',
  run: async () => {
    const resource = { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data"}' }
    return content({ type: 'text', text: 'Multiple content types test:' }, image, { type: 'resource', resource })
  },
})

export const withLogging = defineTool({
  ...common,
  name: 'test_tool_with_logging',
  description: 'Says what it does while it does it',
  run: async (_args, { log }) => {
    log('info', 'Tool execution started')
    await sleep(50)
    log('info', 'Tool processing data')
    await sleep(50)
    log('info', 'Tool execution completed')
    return said('Tool with logging executed successfully')
  },
})

export const withProgress = defineTool({
  ...common,
  name: 'test_tool_with_progress',
  description: 'Says how far it is',
  run: async (_args, { progress }) => {
    for (const done of [0, 50, 100]) {
      progress(done, 100, `Completed step ${done} of 100`)
      await sleep(50)
    }
    return said('Tool with progress executed successfully')
  },
})

export const errorHandling = defineTool({
  ...common,
  name: 'test_error_handling',
  description: 'Ends with a fault',
  run: async () => fault('not_found'),
})

export const missingCapability = defineTool({
  ...common,
  name: 'test_missing_capability',
  description: 'Is of no use to a client that cannot be asked for sampling',
  requires: ['sampling'],
  run: async () => said('The client can be asked for sampling'),
})

const capital = {
  method: 'sampling/createMessage' as const,
  params: {
    messages: [{ role: 'user', content: { type: 'text', text: 'What is the capital of France?' } }],
    maxTokens: 100,
  },
}
const ask = (message: string, name: string, type = 'string') => ({
  method: 'elicitation/create' as const,
  params: { message, requestedSchema: { type: 'object', properties: { [name]: { type } }, required: [name] } },
})

export const sampling = defineTool({
  ...common,
  name: 'test_sampling',
  asks: true,
  description: 'Asks a model',
  input: Type.Object({ prompt: Type.String({ maxLength: 1000 }) }, { additionalProperties: false }),
  run: async ({ prompt }, { input }) => {
    if (input.responses['answer'] !== undefined)
      return said(`LLM response: ${JSON.stringify(input.responses['answer'])}`)
    const messages = [{ role: 'user', content: { type: 'text', text: prompt } }]
    return inputRequired({ answer: { method: 'sampling/createMessage', params: { messages, maxTokens: 100 } } })
  },
})

export const elicitation = defineTool({
  ...common,
  name: 'test_elicitation',
  asks: true,
  description: 'Asks a person',
  input: Type.Object({ message: Type.String({ maxLength: 1000 }) }, { additionalProperties: false }),
  run: async ({ message }, { input }) => {
    const { answer } = input.responses
    if (answer !== undefined) return said(`User response: ${JSON.stringify(answer)}`)
    return inputRequired({ answer: ask(message, 'username') })
  },
})

export const streamingElicitation = defineTool({
  ...common,
  name: 'test_streaming_elicitation',
  asks: true,
  description: 'Says how far it is, then asks a person',
  run: async (_args, { input, progress }) => {
    progress(1, 2)
    if (input.responses['user_name'] !== undefined) return said('Thank you')
    return inputRequired({ user_name: ask('What is your name?', 'name') })
  },
})

export const loggingTool = defineTool({
  ...common,
  name: 'test_logging_tool',
  description: 'Says something to those who asked for it',
  run: async (_args, { log }) => {
    log('info', 'A message for those who asked')
    return said('Logged')
  },
})

export const triggerToolChange = defineTool({
  ...common,
  name: 'test_trigger_tool_change',
  description: 'Tells subscribers that the tools changed',
  run: async (_args, { changed }) => {
    changed({ kind: 'tools' })
    return said('Told')
  },
})

export const triggerPromptChange = defineTool({
  ...common,
  name: 'test_trigger_prompt_change',
  description: 'Tells subscribers that the prompts changed',
  run: async (_args, { changed }) => {
    changed({ kind: 'prompts' })
    return said('Told')
  },
})

export const inputElicitation = defineTool({
  ...common,
  name: 'test_input_required_result_elicitation',
  asks: true,
  description: 'Asks for a name',
  run: async (_args, { input }) => {
    const content = input.responses['user_name']?.['content']
    if (content === undefined) return inputRequired({ user_name: ask('What is your name?', 'name') })
    return said(`Hello, ${String(Object(content).name)}!`)
  },
})

export const inputSampling = defineTool({
  ...common,
  name: 'test_input_required_result_sampling',
  asks: true,
  description: 'Asks a model for a capital',
  run: async (_args, { input }) => {
    const answer = input.responses['capital_question']
    return answer === undefined ? inputRequired({ capital_question: capital }) : said(JSON.stringify(answer))
  },
})

export const inputRoots = defineTool({
  ...common,
  name: 'test_input_required_result_list_roots',
  asks: true,
  description: 'Asks for the roots',
  run: async (_args, { input }) => {
    const answer = input.responses['client_roots']
    if (answer !== undefined) return said(JSON.stringify(answer))
    return inputRequired({ client_roots: { method: 'roots/list', params: {} } })
  },
})

const confirming = (name: string, description: string) =>
  defineTool({
    ...common,
    name,
    asks: true,
    description,
    run: async (_args, { input }) => {
      const isConfirmed = input.responses['confirm'] !== undefined && input.state === 'asked'
      return isConfirmed
        ? said('state-ok')
        : inputRequired({ confirm: ask('Please confirm', 'ok', 'boolean') }, 'asked')
    },
  })

export const inputState = confirming('test_input_required_result_request_state', 'Keeps state with its caller')
export const inputTampered = confirming(
  'test_input_required_result_tampered_state',
  'Keeps state that nobody can alter',
)

export const inputMultiple = defineTool({
  ...common,
  name: 'test_input_required_result_multiple_inputs',
  asks: true,
  description: 'Asks for three things at once',
  run: async (_args, { input }) => {
    const { user_name, greeting, client_roots } = input.responses
    const isAnswered = user_name !== undefined && greeting !== undefined && client_roots !== undefined
    if (isAnswered && input.state === 'asked') return said('Thank you')
    const requests = {
      user_name: ask('What is your name?', 'name'),
      greeting: capital,
      client_roots: { method: 'roots/list' as const, params: {} },
    }
    return inputRequired(requests, 'asked')
  },
})

export const inputRounds = defineTool({
  ...common,
  name: 'test_input_required_result_multi_round',
  asks: true,
  description: 'Asks twice',
  run: async (_args, { input }) => {
    const { step1, step2 } = input.responses
    if (input.state === 2 && step2 !== undefined) return said('Both answered')
    if (input.state === 1 && step1 !== undefined) {
      return inputRequired({ step2: ask('Step 2: What is your favorite color?', 'color') }, 2)
    }
    return inputRequired({ step1: ask('Step 1: What is your name?', 'name') }, 1)
  },
})

export const inputCapabilities = defineTool({
  ...common,
  name: 'test_input_required_result_capabilities',
  asks: true,
  description: 'Asks for what the client can be asked for',
  run: async (_args, { input: { capabilities } }) => {
    const requests = {
      ...(capabilities.sampling !== undefined && { capital_question: capital }),
      ...(capabilities.elicitation !== undefined && { user_name: ask('What is your name?', 'name') }),
    }
    return Object.keys(requests).length === 0 ? said('There is nobody to ask') : inputRequired(requests)
  },
})

export const mirrored = defineTool({
  ...common,
  name: 'test_custom_headers',
  description: 'One argument travels in a header too',
  input: Type.Object(
    { region: Type.String({ maxLength: 64, 'x-mcp-header': 'Region' }) },
    { additionalProperties: false },
  ),
  run: async ({ region }) => said(region),
})
