import type { PolicyInput } from '../../src/model/input.ts'

/** May this caller read this file? 0.9 KB, as the walk would ask it. */
export const mayRead = (role: string, segments: readonly string[], tool = 'readFile'): PolicyInput => ({
  subject: {
    type: 'user',
    id: 'alice',
    properties: {
      issuer: 'https://issuer.example',
      home: true,
      tenant: 'acme',
      client_id: 'editor',
      roles: [role],
      scopes: ['mcp:read', 'mcp:write'],
      claims: {},
    },
  },
  action: { name: 'tools/call' },
  resource: {
    type: 'tool',
    id: tool,
    properties: {
      server: 'portcullis',
      read_only: true,
      access: ['read'],
      tags: ['files'],
      arguments: { path: segments.join('/'), encoding: 'utf8', offset: 0 },
      paths: [{ argument: '/path', segments: [...segments], access: 'read' }],
    },
  },
  context: {
    time: '2026-11-22T15:44:00.000Z',
    unix: 1_795_362_240,
    weekday: 7,
    hour: 15,
    minute: 44,
    request_id: '019ab8a4-64a0-7000-8000-000000000000',
    protocol_version: '2025-11-25',
    era: 'legacy',
    bytes: 312,
  },
})
