import type { Json, JsonObject } from '../model/json.ts'
import { CLIENT_CAPABILITIES_KEY, metaOf, PROTOCOL_VERSION_KEY } from './envelope.ts'
import { METHODS } from './methods.ts'

/**
 * What goes on is rebuilt from the members we know; `name` and `arguments` come back decided. Nothing here
 * asks a client for anything, so what it is capable of stays behind: the SDK would read it, and answer what is
 * wrong in it with texts of its own.
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
  return meta === undefined ? going : { ...going, _meta: metaThatGoesOn(meta) }
}

/** Without the tasks capability a call that asks for a task is an ordinary one (2025-11-25, basic/utilities/tasks). */
const STAYS: readonly string[] = ['name', 'arguments', 'task', 'capabilities', 'clientInfo']

function metaThatGoesOn(meta: JsonObject): JsonObject {
  const { progressToken, [PROTOCOL_VERSION_KEY]: version } = meta
  return {
    ...(progressToken !== undefined && { progressToken }),
    ...(version !== undefined && { [PROTOCOL_VERSION_KEY]: version, [CLIENT_CAPABILITIES_KEY]: {} }),
  }
}
