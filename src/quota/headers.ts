import type { LimitState } from '../model/grant.ts'

/**
 * Fields of draft-ietf-httpapi-ratelimit-headers for the limits of one decision: only its own, and no
 * shadow ones. `Retry-After` comes with a refusal alone, and is never earlier than any `t`.
 */
export const rateLimitHeaders = (
  states: readonly LimitState[],
  now: Date,
  exhausted?: LimitState,
): Readonly<Record<string, string>> => {
  const shown = states.filter((state) => !state.shadow)
  const fields: Record<string, string> = {}
  if (shown.length > 0) {
    fields['RateLimit-Policy'] = shown.map(policyItem).join(', ')
    fields['RateLimit'] = shown.map((state) => limitItem(state, now)).join(', ')
  }
  if (exhausted !== undefined) fields['Retry-After'] = String(exhausted.retry_after_seconds)
  return fields
}

const policyItem = (state: LimitState): string => {
  const quota = `${quoted(state.name)};q=${integer(state.limit)}`
  if (state.kind === 'concurrency') return `${quota};qu="concurrent-requests"`
  return `${quota};w=${integer(Math.ceil(state.period_seconds))}`
}

const limitItem = (state: LimitState, now: Date): string => {
  const spent = state.retry_after_seconds > 0
  const remaining = spent ? 0 : integer(Math.max(0, state.limit - state.used))
  const seconds = spent ? state.retry_after_seconds : Math.ceil((Date.parse(state.resets_at) - now.getTime()) / 1000)
  return `${quoted(state.name)};r=${remaining};t=${integer(Math.max(0, seconds))}`
}

const NAME_LENGTH = 64

/** A structured-field string (RFC 9651 §3.3.3) holds printable ASCII; the limit's true name is in the body. */
const quoted = (name: string): string => {
  const ascii = [...name].slice(0, NAME_LENGTH).map((char) => (/^[\x20-\x7e]$/.test(char) ? char : '_'))
  return `"${ascii.join('').replace(/["\\]/g, '\\$&')}"`
}

/** A structured-field integer has at most 15 digits. */
const integer = (value: number): number => Math.min(999_999_999_999_999, Math.floor(value))
