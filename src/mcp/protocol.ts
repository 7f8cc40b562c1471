import { createMcpHandler, ProtocolError, Server } from '@modelcontextprotocol/server'
import { systemTimer, type Timer } from '../lib/deadline.ts'
import type { McpCall } from '../model/call.ts'
import type { Change } from '../model/caller.ts'
import type { JsonObject } from '../model/json.ts'
import type { Reply } from '../model/reply.ts'
import { type AnswerOnItsWay, expectAnswer, takeAnswer, toReply } from './framing.ts'
import { messageOf, requestFor } from './rebuild.ts'

export type ServerInfo = { readonly name: string; readonly version: string; readonly instructions: string }

export type Answered =
  | { readonly result: JsonObject }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: JsonObject } }

/** Sends something to the client before the answer. */
export type Notify = (method: string, params: JsonObject) => void

/** What a permitted request may reach: set only for the call it was decided for. */
export type Handlers = { readonly answer?: (notify: Notify) => Answered | Promise<Answered> }

/** A request that the SDK is answering. */
type Waiting = {
  readonly handlers: Handlers
  readonly answer: AnswerOnItsWay
}

export type Protocol = {
  /** Frames the answer of a permitted request. The signal is that of the client's connection. */
  readonly serve: (call: McpCall, handlers: Handlers, signal: AbortSignal) => Promise<Reply>
  /** Tells those who subscribed to it. */
  readonly changed: (change: Change) => void
  readonly close: () => Promise<void>
}

/** Constant, whatever a caller may see of it. Subscriptions are of the modern era. */
const LEGACY_CAPABILITIES = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} }
const MODERN_CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
}

/** What the SDK hands to us. The rest it answers itself: the handshake, and what nobody may ask. */
const ANSWERED = [
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
] as const

/** The SDK builds a validator of its own for every server; ours asks for no input, so none is ever needed. */
const NO_VALIDATOR = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: 'no schema is validated here' }),
}

/**
 * The protocol's framing by the MCP SDK, behind the walk: handshake, result shapes and streams of both
 * eras. It takes no decision: a server is made for one request, with the handler of that request alone,
 * and sees a message rebuilt from the decided call, never the bytes or headers of the client.
 */
export function createProtocol(
  info: ServerInfo,
  onError: (error: Error) => void,
  timer: Timer = systemTimer,
): Protocol {
  const waiting = new Map<string, Waiting>()
  let serial = 0

  const handler = createMcpHandler(
    ({ authInfo, era }) => {
      const one: Waiting = waiting.get(authInfo?.token ?? '') ?? waitingFor({})
      const capabilities = era === 'modern' ? MODERN_CAPABILITIES : LEGACY_CAPABILITIES
      const server = new Server(
        { name: info.name, version: info.version },
        { capabilities, instructions: info.instructions, jsonSchemaValidator: NO_VALIDATOR },
      )
      for (const method of ANSWERED) {
        server.setRequestHandler(method, async (_request, { mcpReq }) => {
          // a client that has gone is no fault of the call
          const notify: Notify = (name, params) => void mcpReq.notify({ method: name, params }).catch(() => undefined)
          return (await answerOf(one.handlers, notify)) as never
        })
      }
      takeAnswer(server, one.answer)
      return server
    },
    { onerror: onError, keepAliveMs: 15_000 },
  )

  return {
    serve: async (call, handlers, signal) => {
      // The SDK hands `authInfo` through untouched: it carries the ticket of this request, never a token.
      const ticket = String(serial++)
      const one = waitingFor(handlers)
      // nothing but notifications will come, the first of them at once
      if (call.target.type === 'subscription') one.answer.beginStream()
      waiting.set(ticket, one)
      try {
        const authInfo = { token: ticket, clientId: '', scopes: [] }
        const response = await handler.fetch(requestFor(call, signal), { parsedBody: messageOf(call), authInfo })
        return await toReply(response, one.answer, timer)
      } finally {
        waiting.delete(ticket)
      }
    },
    changed: (change) => {
      const { notify } = handler
      if (change.kind === 'resource') notify.resourceUpdated(change.uri)
      else notify[`${change.kind}Changed`]()
    },
    close: () => handler.close(),
  }
}

async function answerOf({ answer }: Handlers, notify: Notify): Promise<JsonObject> {
  if (answer === undefined) throw new Error('nothing was decided')
  const answered = await answer(notify)
  if ('result' in answered) return answered.result
  const { code, message, data } = answered.error
  throw new ProtocolError(code, message, data)
}

const waitingFor = (handlers: Handlers): Waiting => ({ handlers, answer: expectAnswer() })
