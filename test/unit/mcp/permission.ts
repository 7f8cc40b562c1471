import type { Permission } from '../../../src/mcp/permission.ts'
import type { Era, McpCall } from '../../../src/model/call.ts'
import type { JsonObject } from '../../../src/model/json.ts'
import type { Reply } from '../../../src/model/reply.ts'
import type { Subject } from '../../../src/model/subject.ts'

export const SUBJECT: Subject = {
  type: 'user',
  id: 'alice',
  properties: {
    issuer: 'https://issuer.example',
    home: true,
    tenant: '',
    client_id: 'cli',
    roles: [],
    scopes: [],
    claims: {},
  },
}

const VERSIONS = { legacy: '2025-11-25', modern: '2026-07-28' } as const
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSIONS.modern,
  'io.modelcontextprotocol/clientCapabilities': {},
}
const HANDSHAKE = { capabilities: {}, clientInfo: { name: 'client', version: '1' } }

export const callOf = (era: Era, method: string, change: Partial<McpCall> = {}): McpCall => ({
  era,
  protocolVersion: VERSIONS[era],
  id: 7,
  method,
  target: { type: 'server' },
  params: era === 'modern' ? { _meta: META } : {},
  mirrored: new Map(),
  bytes: 1,
  ...change,
})

export const initialize = (asked: string, protocolVersion: string): McpCall =>
  callOf('legacy', 'initialize', { protocolVersion, params: { protocolVersion: asked, ...HANDSHAKE } })

export const toolCall = (era: Era, name = 'readFile', args: JsonObject = { path: 'sent' }): McpCall =>
  callOf(era, 'tools/call', { target: { type: 'tool', name, arguments: args } })

export const listCall = (era: Era): McpCall => callOf(era, 'tools/list', { target: { type: 'tools' } })

export const permission = (call: McpCall, change: Partial<Permission> = {}): Permission => ({
  decisionId: 'dec-1',
  subject: SUBJECT,
  call,
  arguments: { path: 'decided' },
  obligations: [],
  shown: [],
  signal: new AbortController().signal,
  ...change,
})

/** The JSON-RPC message of an answer, whether it came as JSON or as a stream of events. */
export async function messageOf({ body }: Pick<Reply, 'body'>): Promise<unknown> {
  const text = await new Response(body).text()
  const data = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []))
  return JSON.parse(data.length === 0 ? text : data.join(''))
}
