import { err, ok, type Result } from '../lib/result.ts'
import type { InputAnswers, McpCall } from '../model/call.ts'
import { CLIENT_CAPABILITIES, LOG_LEVELS } from '../model/caller.ts'
import { isObject, type Json, type JsonObject } from '../model/json.ts'
import type { RefusalAt } from '../model/refusal.ts'
import { CLIENT_CAPABILITIES_KEY, LOG_LEVEL_KEY, metaOf, PROTOCOL_VERSION_KEY } from './envelope.ts'
import { METHODS } from './methods.ts'

/**
 * What goes on is rebuilt from the members we know; what the call is about travels as its target, and comes back
 * decided. What a client says of itself goes on only as far as it can be asked for something: the SDK would read
 * the rest, and answer what is wrong in it with texts of its own.
 */
export function paramsThatGoOn(method: string, params: JsonObject): JsonObject {
  const going: Record<string, Json> = {}
  for (const member of METHODS.get(method)?.params ?? []) {
    const value = params[member]
    if (value !== undefined && !STAYS.includes(member)) going[member] = value
  }
  if (method === 'initialize') {
    const { name, version } = params['clientInfo'] as JsonObject
    Object.assign(going, { capabilities: {}, clientInfo: { name, version } })
  }
  const meta = metaOf(params)
  return meta === undefined ? going : { ...going, _meta: metaThatGoesOn(method, meta) }
}

/**
 * They travel in the target. Without the tasks capability a call that asks for a task is an ordinary one
 * (2025-11-25, basic/utilities/tasks).
 */
const STAYS: readonly string[] = [
  'name',
  'arguments',
  'task',
  'uri',
  'ref',
  'argument',
  'context',
  'notifications',
  'cursor',
  'capabilities',
  'clientInfo',
]

function metaThatGoesOn(method: string, meta: JsonObject): JsonObject {
  const { progressToken, [PROTOCOL_VERSION_KEY]: version } = meta
  const capabilities = METHODS.get(method)?.asks ? capabilitiesOf(meta) : {}
  return {
    ...(progressToken !== undefined && { progressToken }),
    ...(version !== undefined && { [PROTOCOL_VERSION_KEY]: version, [CLIENT_CAPABILITIES_KEY]: capabilities }),
  }
}

/** The members of each capability that a request for input may depend on. */
const MODES: Readonly<Record<string, readonly string[]>> = {
  elicitation: ['form', 'url'],
  sampling: ['tools', 'context'],
  roots: [],
}

function capabilitiesOf(meta: JsonObject): Readonly<Record<string, JsonObject>> {
  const said = meta[CLIENT_CAPABILITIES_KEY]
  if (!isObject(said)) return {}
  const taken = CLIENT_CAPABILITIES.flatMap((capability) => {
    const value = Object.hasOwn(said, capability) ? said[capability] : undefined
    if (!isObject(value)) return []
    const modes = (MODES[capability] ?? []).filter((mode) => isObject(value[mode]))
    return [[capability, Object.fromEntries(modes.map((mode) => [mode, {}]))] as const]
  })
  return Object.fromEntries(taken)
}

type Asked = Pick<McpCall, 'capabilities' | 'answers' | 'logLevel'>

const MAX_STATE = 65_536
const MAX_RESPONSES = 32

/** What a modern call says about what it can be asked for, and what it was asked for before. */
export function askedOf(method: string, params: JsonObject): Result<Asked, RefusalAt<'parse'>> {
  if (!METHODS.get(method)?.asks) return ok({})
  const meta = metaOf(params) ?? {}
  const logLevel = LOG_LEVELS.find((level) => level === meta[LOG_LEVEL_KEY])
  const answers = answersOf(params)
  if (!answers.ok) return answers
  const capabilities = capabilitiesOf(meta)
  return ok({
    ...(Object.keys(capabilities).length > 0 && { capabilities }),
    ...(answers.value !== undefined && { answers: answers.value }),
    ...(logLevel !== undefined && { logLevel }),
  })
}

function answersOf({ inputResponses, requestState }: JsonObject): Result<InputAnswers | undefined, RefusalAt<'parse'>> {
  const invalid = (detail: string) => err({ code: 'invalid_request', detail } as const)
  if (inputResponses === undefined && requestState === undefined) return ok(undefined)
  const responses = inputResponses === undefined ? {} : inputResponses
  if (!isObject(responses) || !Object.values(responses).every(isObject)) {
    return invalid('inputResponses must be an object of objects')
  }
  if (Object.keys(responses).length > MAX_RESPONSES) return invalid(`inputResponses: at most ${MAX_RESPONSES}`)
  if (requestState === undefined) return ok({ responses: responses as InputAnswers['responses'] })
  if (typeof requestState !== 'string' || requestState.length > MAX_STATE)
    return invalid('requestState must be a string')
  return ok({ responses: responses as InputAnswers['responses'], state: requestState })
}
