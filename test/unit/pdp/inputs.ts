import type { PolicyInput } from '../../../src/model/input.ts'
import type { JsonObject } from '../../../src/model/json.ts'

/** Alice calls a tool with these arguments. */
export function callWith(args: JsonObject, id = 'alice', action = 'tools/call'): PolicyInput {
  return {
    subject: {
      type: 'user',
      id,
      properties: { issuer: 'iss', home: true, tenant: '', client_id: '', roles: ['user'], scopes: [], claims: {} },
    },
    action: { name: action },
    resource: { type: 'tool', id: 'readFile', properties: { arguments: args } },
    context: {
      time: '2026-11-22T15:44:00.000Z',
      unix: 1_795_362_240,
      weekday: 7,
      hour: 15,
      minute: 44,
      request_id: 'r',
      protocol_version: '2025-11-25',
      era: 'legacy',
      bytes: 312,
    },
  }
}
