import { Agent, request } from 'node:http'
import type { Era } from '../../src/model/call.ts'

const MODERN = '2026-07-28'
const LEGACY = '2025-11-25'
const ENVELOPE = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  },
}

export type Message = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** A `tools/call` or, without a tool, a `tools/list`, as a client of that era sends it. */
export function message(
  era: Era,
  token: string,
  call?: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> },
): Message {
  const method = call === undefined ? 'tools/list' : 'tools/call'
  const params = call === undefined ? {} : { name: call.tool, arguments: call.args }
  const body = { jsonrpc: '2.0', id: 1, method, params: era === 'modern' ? { ...params, ...ENVELOPE } : params }
  return {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': era === 'modern' ? MODERN : LEGACY,
      ...(era === 'modern' && { 'mcp-method': method, ...(call !== undefined && { 'mcp-name': call.tool }) }),
    },
    body: JSON.stringify(body),
  }
}

export type Client = {
  /** Posts and answers the whole body; any status but 200 is thrown. */
  readonly post: (path: string, message: Message) => Promise<string>
  readonly close: () => void
}

/** A keep-alive client on loopback. */
export function createClient(port: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  return {
    post: (path, { headers, body }) =>
      new Promise((resolve, reject) => {
        const length = { 'content-length': Buffer.byteLength(body) }
        const options = { host: '127.0.0.1', port, path, method: 'POST', agent, headers: { ...headers, ...length } }
        const sent = request(options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () =>
            response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`)),
          )
          response.on('error', reject)
        })
        sent.on('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}
