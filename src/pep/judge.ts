import type { McpCall } from '../model/call.ts'
import type { Decided } from '../model/decision.ts'
import type { Described } from '../model/described.ts'
import type { Refusal, RefusalAt } from '../model/refusal.ts'

/**
 * What a decision means for a call, in the one order that tells nothing of what is hidden: no decision,
 * not there, wrong headers, wrong arguments, denied, a scope short. `undefined`: permitted.
 */
export function judge(
  call: McpCall,
  described: Described,
  decided: Decided,
): RefusalAt<'decide' | 'parse'> | undefined {
  if (decided.effect === 'indeterminate') {
    return decided.code === 'input_too_large' ? { code: decided.code } : { code: decided.code, cause: decided.cause }
  }
  if (call.target.type === 'tool') {
    const { name } = call.target
    if (!described.known) return { code: 'unknown_tool', name }
    if (!decided.visible) return { code: 'hidden', name }
  }
  const malformed = judgeForm(described)
  if (malformed !== undefined) return malformed
  if (decided.effect === 'permit') return undefined
  if (decided.scopes.length > 0) return { code: 'insufficient_scope', scopes: decided.scopes }
  return { code: 'denied', reasons: decided.reasons }
}

/** Headers, then arguments. Whatever is let pass, a call that is malformed never is. */
export function judgeForm({ mismatched, faults }: Described): RefusalAt<'decide' | 'parse'> | undefined {
  if (mismatched.length > 0) {
    return { code: 'header_mismatch', detail: `${mismatched.join(', ')} must mirror the arguments` }
  }
  return faults.length > 0 ? { code: 'invalid_arguments', faults } : undefined
}

/** What monitor mode lets pass: what policy and limits say, never what could not be decided or is malformed. */
export function isWaivable(refusal: Refusal): boolean {
  return ['hidden', 'denied', 'insufficient_scope', 'quota_exhausted'].includes(refusal.code)
}
