import type { Detail } from '../../mcp/refusal-message.ts'
import type { JsonObject } from '../../model/json.ts'
import { REFUSALS, type Refusal } from '../../model/refusal.ts'
import type { Walked } from '../../pep/trail.ts'
import type { ChallengeOptions } from '../challenge.ts'
import { PRIVATE, type ReplyOptions, refusalHeaders } from '../reply.ts'

export type AdminReplyOptions = ChallengeOptions & Pick<ReplyOptions, 'detail'>

/** The answer to an administrator or a pipeline: statuses that tell, and JSON that says what to do. */
export function toAdminResponse(walked: Walked, options: AdminReplyOptions): Response {
  const { end } = walked
  if (end.kind === 'answered') {
    return new Response(end.reply.body, { status: end.reply.status, headers: { ...PRIVATE, ...end.reply.headers } })
  }
  const headers = {
    'content-type': 'application/json',
    ...PRIVATE,
    ...refusalHeaders(end.refusal, walked.startedAt, options),
  }
  const body = JSON.stringify(refusalBody(end.refusal, walked.decisionId, options.detail))
  return new Response(body, { status: statusOf(end.refusal), headers })
}

/** No model reads this, so nothing that was refused is answered 200. */
function statusOf({ code }: Refusal): number {
  const row = REFUSALS[code]
  const status = 'audited' in row ? row.audited : row.http
  return status === 200 ? 400 : status
}

function refusalBody(refusal: Refusal, decisionId: string, detail: Detail): JsonObject {
  const { http, stage } = REFUSALS[refusal.code]
  const isDecided = stage !== 'guard' && stage !== 'authenticate' && stage !== 'parse'
  return {
    error: http === 401 ? 'unauthorized' : refusal.code,
    message: messageOf(refusal),
    ...(detail === 'full' && refusal.code === 'denied' && { reasons: refusal.reasons }),
    ...(refusal.code === 'insufficient_scope' && { scopes: refusal.scopes }),
    ...(isDecided && { decision_id: decisionId }),
  }
}

function messageOf(refusal: Refusal): string {
  const { text } = REFUSALS[refusal.code]
  switch (refusal.code) {
    case 'invalid_request':
      return `${text}: ${refusal.detail}`
    case 'unsupported_media_type':
      return 'Content-Type must be application/gzip for a bundle and application/json otherwise'
    default:
      return text
  }
}
