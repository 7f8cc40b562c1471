import type { LimitState } from '../model/grant.ts'

/**
 * How the limits of a call stand, in the fields of draft-ietf-httpapi-ratelimit-headers: only those of its
 * own decision, and no shadow ones. `Retry-After` comes with a refusal alone.
 */
export function rateLimitHeaders(
  states: readonly LimitState[],
  now: Date,
  exhausted?: LimitState,
): Record<string, string> {
  const enforced = states.filter(({ shadow }) => !shadow)
  return {
    ...(enforced.length > 0 && {
      'ratelimit-policy': enforced.map(policyItem).join(', '),
      ratelimit: enforced.map((state) => limitItem(state, now)).join(', '),
    }),
    ...(exhausted !== undefined && { 'retry-after': String(exhausted.retry_after_seconds) }),
  }
}

function policyItem({ name, kind, limit, period_seconds }: LimitState): string {
  const quota = `${quoted(name)};q=${whole(limit)}`
  return kind === 'concurrency' ? `${quota};qu="concurrent-requests"` : `${quota};w=${whole(Math.ceil(period_seconds))}`
}

function limitItem({ name, limit, used, resets_at, retry_after_seconds }: LimitState, now: Date): string {
  if (retry_after_seconds > 0) return `${quoted(name)};r=0;t=${whole(retry_after_seconds)}`
  const seconds = Math.ceil((Date.parse(resets_at) - now.getTime()) / 1000)
  return `${quoted(name)};r=${whole(limit - used)};t=${whole(seconds)}`
}

const NAME_LENGTH = 64

/** A structured-field string (RFC 9651 §3.3.3) holds printable ASCII; the limit's true name is in the body. */
function quoted(name: string): string {
  const ascii = [...name].slice(0, NAME_LENGTH).map((char) => (/^[\x20-\x7e]$/.test(char) ? char : '_'))
  return `"${ascii.join('').replaceAll(/["\\]/g, '\\$&')}"`
}

/** A structured-field integer has at most 15 digits; none of ours is negative. */
const whole = (figure: number): number => Math.min(999_999_999_999_999, Math.max(0, Math.floor(figure)))
