import type { Decided, Decision, Reason } from '../../model/decision.ts'
import type { Change } from './change.ts'
import { confineChanges } from './confine.ts'
import { limitChanges } from './limits.ts'
import { sameDecision } from './same.ts'

/**
 * Every class that the difference of two decisions on one question belongs to; none when they say the same,
 * in whatever order. `reasons-only` is a difference in nothing that is enforced: reasons, or shadow limits.
 */
export function classify(base: Decided, head: Decided): readonly Change[] {
  if (sameDecision(base, head)) return []
  const enforced = [...indeterminacy(base, head), ...effect(base, head), ...permission(base, head)]
  return enforced.length > 0 ? enforced : [{ kind: 'reasons-only', detail: codesChange(base, head) }]
}

/** No decision is always refused, so to get one, or none, also allows or denies. */
function indeterminacy(base: Decided, head: Decided): readonly Change[] {
  if (head.effect === 'indeterminate' && base.effect !== 'indeterminate') {
    return [{ kind: 'indeterminate', detail: `no decision any more: ${head.cause}` }]
  }
  if (base.effect === 'indeterminate' && head.effect !== 'indeterminate') {
    return [{ kind: 'indeterminate', detail: `a decision where there was none: ${base.cause}` }]
  }
  return []
}

function effect(base: Decided, head: Decided): readonly Change[] {
  const codes = codesChange(base, head)
  const [was, is] = [base.effect === 'permit', head.effect === 'permit']
  const [wasVisible, isVisible] = [isShown(base), isShown(head)]
  return [
    ...(is && !was ? [{ kind: 'newly-allowed', detail: codes } as const] : []),
    ...(was && !is ? [{ kind: 'newly-denied', detail: codes } as const] : []),
    // What else denies a call before or after says nothing of why it is shown or hidden.
    ...(isVisible && !wasVisible
      ? [{ kind: 'newly-visible', detail: `no longer ${codesOf(base, head)}` } as const]
      : []),
    ...(wasVisible && !isVisible ? [{ kind: 'newly-hidden', detail: codesOf(head, base) } as const] : []),
  ]
}

const isShown = (decided: Decided): boolean => decided.effect !== 'indeterminate' && decided.visible

/** What two permits, or two denials, grant differently. */
function permission(base: Decided, head: Decided): readonly Change[] {
  if (base.effect === 'indeterminate' || head.effect === 'indeterminate' || base.effect !== head.effect) return []
  return [
    ...limitChanges(base.limits, head.limits),
    ...confineChanges(base.obligations, head.obligations),
    ...scopesChange(base, head),
  ]
}

function scopesChange(base: Decision, head: Decision): readonly Change[] {
  const [was, is] = [listed(base.scopes), listed(head.scopes)]
  return was === is ? [] : [{ kind: 'scopes-changed', detail: `${was} → ${is}` }]
}

function codesChange(base: Decided, head: Decided): string {
  const [was, is] = [codesOf(base), codesOf(head)]
  return was === is ? is : `${was} → ${is}`
}

/** The codes of a decision, without those of another. */
function codesOf(decided: Decided, without?: Decided): string {
  if (decided.effect === 'indeterminate') return decided.code
  const other = without === undefined || without.effect === 'indeterminate' ? [] : without.reasons
  const codes = decided.reasons.map(({ code }: Reason) => code)
  return listed(codes.filter((code) => other.every((reason) => reason.code !== code)))
}

const listed = (names: readonly string[]): string => [...new Set(names)].toSorted().join(', ') || 'none'
