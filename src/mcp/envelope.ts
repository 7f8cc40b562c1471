import { isObject, type JsonObject } from '../model/json.ts'

/** Keys of `params._meta` that every modern request carries (2026-07-28, basic/transports/streamable-http). */
export const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
export const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities'
export const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel'
export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo'

/** The `_meta` of a request, when there is one and it is an object. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  const meta = params['_meta']
  return isObject(meta) ? meta : undefined
}
