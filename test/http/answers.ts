import { DECISION, type Era, NAME, VERSION } from './world.ts'

/** The headers of every JSON answer of the MCP endpoint. */
export const JSON_HEADERS = {
  'access-control-expose-headers': 'WWW-Authenticate,Retry-After,RateLimit,RateLimit-Policy',
  'cache-control': 'no-store',
  'content-type': 'application/json',
  vary: 'Origin',
  'x-content-type-options': 'nosniff',
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
export const SERVER_INFO = { 'io.modelcontextprotocol/serverInfo': { name: NAME, version: VERSION } }

export const rpcError = (code: number, message: string, data?: object) => ({
  jsonrpc: '2.0',
  id: 1,
  error: { code, message, ...(data !== undefined && { data }) },
})

export const rpcResult = (era: Era, result: object) => ({
  jsonrpc: '2.0',
  id: 1,
  result: era === 'modern' ? { resultType: 'complete', ...result, _meta: SERVER_INFO } : result,
})

/** A refusal that a model reads. */
export const toolError = (era: Era, text: string, facts: object) => {
  const _meta = { 'io.portcullis/refusal': facts, ...(era === 'modern' && SERVER_INFO) }
  const result = { content: [{ type: 'text', text }], isError: true, _meta }
  return { jsonrpc: '2.0', id: 1, result: era === 'modern' ? { resultType: 'complete', ...result } : result }
}

/** What a tool answered. */
export const toolResult = (era: Era, value: object) =>
  rpcResult(era, { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value })

/** A fault of a tool. */
export const toolFault = (era: Era, text: string) =>
  rpcResult(era, { content: [{ type: 'text', text }], isError: true })

export const denied = (era: Era, title: string, code: string) =>
  toolError(era, `Denied by policy: ${title} [${code}] (decision ${DECISION})`, {
    code: 'denied',
    reasons: [{ code, message: title }],
    decision_id: DECISION,
  })
