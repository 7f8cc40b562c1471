import type { ServerInfo } from '../mcp/protocol.ts'
import { type Detail, refusalMessage } from '../mcp/refusal-message.ts'
import { REFUSALS, type Refusal } from '../model/refusal.ts'
import type { Walked } from '../pep/trail.ts'
import { type ChallengeOptions, challenge } from './challenge.ts'
import { rateLimitHeaders } from './ratelimit-headers.ts'

export type ReplyOptions = ChallengeOptions & {
  readonly info: ServerInfo
  /** True: denials use HTTP statuses, for those who audit by status. */
  readonly httpStatus: boolean
  readonly detail: Detail
}

export const PRIVATE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** The HTTP answer to a finished walk: a pure function of it, so answer and record cannot disagree. */
export function toResponse(
  walked: Walked,
  options: ReplyOptions,
  shared: Readonly<Record<string, string>> = {},
): Response {
  const { end } = walked
  const common = { ...PRIVATE, ...shared }
  if (end.kind === 'answered') {
    return new Response(end.reply.body, { status: end.reply.status, headers: { ...common, ...end.reply.headers } })
  }
  const era = walked.call?.era ?? walked.unread?.era ?? 'legacy'
  const status = statusOf(end.refusal, era === 'modern', options.httpStatus)
  // a notification has no answer, whatever was decided on it; only a token that will not do is worth a status
  const isNotification = walked.call !== undefined && walked.call.id === undefined
  if (isNotification && end.refusal.code !== 'insufficient_scope') {
    return new Response(null, { status: 202, headers: common })
  }
  const id = walked.call?.id ?? walked.unread?.id
  const method = walked.call?.method ?? walked.unread?.method
  const about = {
    era,
    decisionId: walked.decisionId,
    ...(id !== undefined && { id }),
    ...(method !== undefined && { method }),
  } as const
  const body = JSON.stringify(refusalMessage(end.refusal, about, options.info, options.detail))
  const headers = {
    'content-type': 'application/json',
    ...common,
    ...refusalHeaders(end.refusal, walked.startedAt, options),
  }
  return new Response(body, { status, headers })
}

function statusOf(refusal: Refusal, modern: boolean, audited: boolean): number {
  if (refusal.code === 'method_not_found' && modern) return 404
  const row = REFUSALS[refusal.code]
  return audited && 'audited' in row ? row.audited : row.http
}

export function refusalHeaders(refusal: Refusal, now: Date, options: ChallengeOptions): Record<string, string> {
  switch (refusal.code) {
    case 'authorization_malformed':
      return { 'www-authenticate': challenge(options, { error: 'invalid_request' }) }
    case 'token_missing':
      return { 'www-authenticate': challenge(options, { scopes: options.initialScopes ?? [] }) }
    case 'token_invalid':
      return {
        'www-authenticate': challenge(options, { error: 'invalid_token', scopes: options.initialScopes ?? [] }),
      }
    case 'insufficient_scope':
      return { 'www-authenticate': challenge(options, { error: 'insufficient_scope', scopes: refusal.scopes }) }
    case 'method_not_allowed':
      return { allow: 'POST' }
    case 'rate_limited':
    case 'overloaded':
    case 'quota_unavailable':
    case 'log_unavailable':
      return { 'retry-after': String(refusal.retryAfterSeconds) }
    case 'quota_exhausted':
      return rateLimitHeaders(refusal.states, now, refusal.exhausted)
    default:
      return {}
  }
}
