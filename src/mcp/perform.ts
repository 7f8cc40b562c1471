import type { McpCall } from '../model/call.ts'
import type { LogLevel } from '../model/caller.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Performed, Reply } from '../model/reply.ts'
import { listAnswer } from './list-answer.ts'
import type { PerformOptions, Permission } from './permission.ts'
import type { Answered } from './protocol.ts'
import { run } from './run.ts'

/** Performs what was permitted: at once what only answers, with an outcome of its own what runs. */
export function createPerform(options: PerformOptions) {
  const { protocol, subscriptions, logLevels, listing, offers } = options

  const atOnce = async (permission: Permission, answered: Answered): Promise<Performed> => {
    const reply = await whole(await protocol.serve(permission.call, { answer: () => answered }, permission.signal))
    return { reply, outcome: Promise.resolve({ ...COMPLETED, bytes: Buffer.byteLength(reply.body) }) }
  }

  return async (permission: Permission): Promise<Performed> => {
    const { call, subject, shown, signal } = permission
    if (call.id === undefined) return { reply: ACCEPTED, outcome: Promise.resolve(COMPLETED) }
    const { target } = call
    switch (target.type) {
      case 'server':
        // classified: the level is one of them
        if (call.method === 'logging/setLevel') logLevels.set(subject, call.params['level'] as LogLevel)
        return atOnce(permission, { result: {} })
      case 'tools':
      case 'prompts':
      case 'resources':
      case 'resource_templates':
        return atOnce(permission, listAnswer(target.type, shown, target.cursor, listing))
      case 'subscription': {
        const filter = { ...target.filter, uris: shown.filter(offers) }
        const decided: McpCall = { ...call, target: { ...target, filter } }
        const served = await subscriptions(decided, subject, signal)
        if ('refused' in served) return { reply: errorReply(call, served.refused), outcome: Promise.resolve(COMPLETED) }
        return { reply: served.reply, outcome: served.ended.then(() => COMPLETED) }
      }
      case 'tool':
      case 'prompt':
        return run({ type: target.type, name: target.name, arguments: permission.arguments }, permission, options)
      case 'resource':
        return run({ type: 'resource', target: permission.arguments }, permission, options)
      case 'completion':
        return run({ type: 'completion', of: target.of, arguments: target.arguments }, permission, options)
    }
  }
}

const ACCEPTED: Reply = { status: 202, headers: {}, body: null }
const COMPLETED: Outcome = { status: 'completed', bytes: 0 }

const errorReply = ({ id }: McpCall, { error }: Extract<Answered, { error: unknown }>): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', ...(id !== undefined && { id }), error }),
})

async function whole(reply: Reply): Promise<Reply & { readonly body: string }> {
  const { body } = reply
  return { ...reply, body: body instanceof ReadableStream ? await new Response(body).text() : (body ?? '') }
}
