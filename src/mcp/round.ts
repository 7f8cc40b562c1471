import type { McpCall } from '../model/call.ts'
import type { ClientCapability, InputRequest, InputRequired } from '../model/caller.ts'
import { FAULTS } from '../model/fault.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Answered } from './protocol.ts'

type Asked = InputRequired['inputRequired']

const NEEDS: Readonly<Record<InputRequest['method'], ClientCapability>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
}

const CAPABILITY_MISSING = -32021
const INPUT_UNAVAILABLE = -31502

/** Why a call may not ask this caller for what it wants: a legacy one at all, a modern one beyond what it declared. */
export function refusedRound({ era, target, capabilities = {} }: McpCall, { requests }: Asked): Answered | undefined {
  if (era === 'legacy') {
    const text = FAULTS.input_unavailable
    if (target.type === 'tool') return { result: { content: [{ type: 'text', text }], isError: true } }
    return { error: { code: INPUT_UNAVAILABLE, message: text } }
  }
  const missing = Object.values(requests).flatMap((request) => missingFor(request, capabilities))
  if (missing.length === 0) return undefined
  const requiredCapabilities = Object.fromEntries(missing)
  return {
    error: {
      code: CAPABILITY_MISSING,
      message: 'A required client capability is missing',
      data: { requiredCapabilities },
    },
  }
}

function missingFor({ method, params }: InputRequest, capabilities: NonNullable<McpCall['capabilities']>) {
  const capability = NEEDS[method]
  const declared = capabilities[capability]
  if (declared === undefined) return [[capability, {}] as const]
  // a client that names no mode takes forms (2025-11-25, client/elicitation)
  const isUrl = capability === 'elicitation' && params?.['mode'] === 'url'
  return isUrl && declared['url'] === undefined ? [[capability, { url: {} }] as const] : []
}

/** The answer that asks for input. What is kept for the next round goes out sealed. */
export function roundAnswer({ requests, state }: Asked, seal: (state: Json) => string): Answered {
  const inputRequests: JsonObject = { ...requests }
  const result = {
    resultType: 'input_required',
    inputRequests,
    ...(state !== undefined && { requestState: seal(state) }),
  }
  return { result }
}
