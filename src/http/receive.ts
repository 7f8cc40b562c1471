import { err, ok, type Result } from '../lib/result.ts'
import { decodeUtf8, parseStrictJson } from '../lib/strict-json.ts'
import { classify } from '../mcp/classify.ts'
import type { McpCall, Unreadable } from '../model/call.ts'
import type { Exchange } from '../model/exchange.ts'

/** The parse step: body → strict JSON → one MCP call. The bytes are read once, here, and go no further. */
export async function receive(exchange: Exchange): Promise<Result<McpCall, Unreadable>> {
  if (exchange.httpMethod !== 'POST') return err({ era: 'legacy', refusal: { code: 'method_not_allowed' } })
  const body = await exchange.body()
  if (!body.ok) return err({ era: 'legacy', refusal: body.error })
  const text = decodeUtf8(body.value)
  const json = text.ok ? parseStrictJson(text.value) : text
  if (!json.ok) return err({ era: 'legacy', refusal: { code: 'malformed_json' } })
  const call = classify(json.value, exchange.mcpHeaders, body.value.byteLength)
  return call.ok ? ok(call.value) : err(call.error)
}
