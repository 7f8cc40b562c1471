import { err, ok, type Result } from '../lib/result.ts'
import type { Era, SubscriptionFilter, Target } from '../model/call.ts'
import { LOG_LEVELS } from '../model/caller.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import type { RefusalAt } from '../model/refusal.ts'
import { METHODS } from './methods.ts'

type Message = { readonly id?: string | number; readonly method: string; readonly params: JsonObject }
type Read = Result<Target, RefusalAt<'parse'>>

const invalid = (detail: string) => err({ code: 'invalid_request', detail } as const)

const MAX_NAME = 256
const MAX_URI = 4096
const MAX_URIS = 256
const MAX_VALUE = 1024

/** What a message is about. What the SDK would refuse later, with texts of its own, is refused here. */
export function targetOf(message: Message, era: Era): Read {
  if (message.id === undefined) return ok({ type: 'server' })
  const method = METHODS.get(message.method)
  if (method === undefined || !method.eras.includes(era)) return err({ code: 'method_not_found' })
  const { params } = message
  switch (method.target) {
    case 'unoffered':
      return err({ code: 'method_not_found' })
    case 'server':
      return serverTarget(message)
    case 'tools':
    case 'prompts':
    case 'resources':
    case 'resource_templates': {
      const { cursor } = params
      if (cursor === undefined) return ok({ type: method.target })
      return isText(cursor, MAX_URI) ? ok({ type: method.target, cursor }) : invalid('cursor must be a string')
    }
    case 'tool':
    case 'prompt':
      return calledTarget(method.target, params, known(method, era))
    case 'resource': {
      const stranger = strangerIn(params, known(method, era))
      if (stranger !== undefined) return stranger
      return isText(params['uri'], MAX_URI)
        ? ok({ type: 'resource', uri: params['uri'] })
        : invalid('uri must be a string')
    }
    case 'completion':
      return completionTarget(params)
    case 'subscription':
      return subscriptionTarget(params)
  }
}

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most

/** Nobody is asked for input on the legacy wire, so nothing of that kind can come back on it. */
const known = ({ params, asks }: { params: readonly string[]; asks?: true }, era: Era): readonly string[] =>
  asks && era === 'modern' ? [...params, 'inputResponses', 'requestState'] : params

function strangerIn(params: JsonObject, allowed: readonly string[]): Result<never, RefusalAt<'parse'>> | undefined {
  for (const key of Object.keys(params)) {
    if (key === '_meta' || allowed.includes(key)) continue
    if (key === 'requestState' || key === 'inputResponses') return invalid(`${key} answers no request of this server`)
    const shown = allowed.filter((name) => !['task', 'inputResponses', 'requestState'].includes(name))
    return invalid(`only ${shown.join(', ')} and _meta may stand in params`)
  }
  return undefined
}

function serverTarget({ method, params }: Message): Read {
  const { protocolVersion, capabilities, clientInfo, level } = params
  if (method === 'logging/setLevel' && !LOG_LEVELS.some((one) => one === level)) {
    return invalid(`level must be one of ${LOG_LEVELS.join(', ')}`)
  }
  if (method !== 'initialize') return ok({ type: 'server' })
  if (typeof protocolVersion !== 'string') return invalid('protocolVersion must be a string')
  if (!isObject(capabilities)) return invalid('capabilities must be an object')
  const named =
    isObject(clientInfo) && typeof clientInfo['name'] === 'string' && typeof clientInfo['version'] === 'string'
  return named ? ok({ type: 'server' }) : invalid('clientInfo must have a name and a version')
}

function calledTarget(type: 'tool' | 'prompt', params: JsonObject, allowed: readonly string[]): Read {
  const stranger = strangerIn(params, allowed)
  if (stranger !== undefined) return stranger
  const { name } = params
  if (!isText(name, MAX_NAME)) return invalid('name must be a string')
  const args = params['arguments'] ?? {}
  if (!isObject(args) || params['arguments'] === null) return invalid('arguments must be an object')
  return ok({ type, name, arguments: args })
}

function completionTarget({ ref, argument, context }: JsonObject): Read {
  if (!isObject(ref) || !isObject(argument)) return invalid('ref and argument must be objects')
  const { name, value } = argument
  if (!isText(name, MAX_NAME)) return invalid('argument.name must be a string')
  if (typeof value !== 'string' || value.length > MAX_VALUE) return invalid('argument.value must be a string')
  const given = isObject(context) ? (context['arguments'] ?? {}) : {}
  if (!isTexts(given)) return invalid('context.arguments must be an object of strings')
  const args = { name, value, given }
  if (ref['type'] === 'ref/prompt' && isText(ref['name'], MAX_NAME)) {
    return ok({ type: 'completion', of: { type: 'prompt', id: ref['name'] }, arguments: args })
  }
  if (ref['type'] === 'ref/resource' && isText(ref['uri'], MAX_URI)) {
    return ok({ type: 'completion', of: { type: 'resource_template', id: ref['uri'] }, arguments: args })
  }
  return invalid('ref must be a ref/prompt with a name or a ref/resource with a uri')
}

const isTexts = (value: Json | undefined): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string' && one.length <= MAX_VALUE)

const CHANGES = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const

function subscriptionTarget({ notifications }: JsonObject): Read {
  if (!isObject(notifications)) return invalid('notifications must be an object')
  const uris = notifications['resourceSubscriptions'] ?? []
  const isUris = Array.isArray(uris) && uris.length <= MAX_URIS && uris.every((uri) => isText(uri, MAX_URI))
  if (!isUris) return invalid(`resourceSubscriptions must be at most ${MAX_URIS} URIs`)
  for (const change of CHANGES) {
    if (!['boolean', 'undefined'].includes(typeof notifications[change])) return invalid(`${change} must be a boolean`)
  }
  const filter: SubscriptionFilter = {
    toolsListChanged: notifications['toolsListChanged'] === true,
    promptsListChanged: notifications['promptsListChanged'] === true,
    resourcesListChanged: notifications['resourcesListChanged'] === true,
    uris: uris as readonly string[],
  }
  return ok({ type: 'subscription', filter })
}
