import type { McpCall, Target } from '../model/call.ts'
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
  const named = nameOf(call.target)
  if (named !== undefined) {
    if (!described.known) return named
    if (!decided.visible) return hidden(named)
  }
  const malformed = judgeForm(described)
  if (malformed !== undefined) return malformed
  if (decided.effect === 'permit') return undefined
  if (decided.scopes.length > 0) return { code: 'insufficient_scope', scopes: decided.scopes }
  return { code: 'denied', reasons: decided.reasons }
}

type NotThere = {
  readonly code: 'unknown_tool' | 'unknown_prompt' | 'unknown_resource'
  readonly name: string
}

/** What a call names, and what it is answered when there is no such thing. */
export function nameOf(target: Target): NotThere | undefined {
  switch (target.type) {
    case 'tool':
      return { code: 'unknown_tool', name: target.name }
    case 'prompt':
      return { code: 'unknown_prompt', name: target.name }
    case 'resource':
      return { code: 'unknown_resource', name: target.uri }
    case 'completion':
      return { code: target.of.type === 'prompt' ? 'unknown_prompt' : 'unknown_resource', name: target.of.id }
    default:
      return undefined
  }
}

/** What is not to be known of is answered as what is not there. */
export const hidden = ({ code, name }: NotThere): RefusalAt<'decide'> =>
  code === 'unknown_tool' ? { code: 'hidden', name } : { code: 'hidden', name, as: code }

/** Headers, then arguments. Whatever is let pass, a call that is malformed never is. */
export function judgeForm({
  mismatched,
  faults,
  foreignState,
  lacking = [],
}: Described): RefusalAt<'decide' | 'parse'> | undefined {
  if (mismatched.length > 0) {
    return { code: 'header_mismatch', detail: `${mismatched.join(', ')} must mirror the arguments` }
  }
  if (faults.length > 0) return { code: 'invalid_arguments', faults }
  if (foreignState) return { code: 'foreign_state' }
  return lacking.length > 0 ? { code: 'capability_missing', required: lacking } : undefined
}

/** What monitor mode lets pass: what policy and limits say, never what could not be decided or is malformed. */
export function isWaivable(refusal: Refusal): boolean {
  return ['hidden', 'denied', 'insufficient_scope', 'quota_exhausted'].includes(refusal.code)
}
