import type { Decision } from '../../../../src/model/decision.ts'
import type { PolicyInput } from '../../../../src/model/input.ts'

type Changes = { readonly roles?: readonly string[] | undefined; readonly tool?: string | undefined }

export const question = ({ roles = ['user'], tool = 'readFile' }: Changes): PolicyInput => ({
  subject: {
    type: 'user',
    id: 'alice',
    properties: { issuer: 'i', home: true, tenant: '', client_id: '', roles: [...roles], scopes: [], claims: {} },
  },
  action: { name: 'tools/call' },
  resource: { type: 'tool', id: tool, properties: { server: 'files', arguments: {} } },
  context: {
    time: '2026-11-22T15:44:00.000Z',
    unix: 1_795_362_240,
    weekday: 7,
    hour: 15,
    minute: 44,
    request_id: 'r1',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 300,
  },
})

export const decided = (effect: Decision['effect'], ...codes: readonly string[]): Decision => ({
  effect,
  visible: effect === 'permit',
  reasons: codes.map((code) => ({ code, message: code })),
  scopes: [],
  limits: [],
  obligations: [],
})
