import type { Confine, Decided, Decision } from '../../model/decision.ts'

/** True when two decisions say the same. What they list are sets: WASM gives them in the order of their hashes. */
export function sameDecision(a: Decided, b: Decided): boolean {
  // Nearly always both answered in the same order, and this is asked of millions of pairs.
  return isEqual(a, b) || canonical(a) === canonical(b)
}

/** Of JSON values, member by member. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i])) return false
    return true
  }
  let members = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !isEqual(a[key as never], b[key as never])) return false
    members++
  }
  for (const _ in b) members--
  return members === 0
}

function canonical(decided: Decided): string {
  if (decided.effect === 'indeterminate') return decided.effect
  const { effect, visible, reasons, scopes, limits, obligations }: Decision = decided
  return JSON.stringify([
    effect,
    visible,
    ordered(reasons.map(members)),
    ordered(scopes),
    ordered(limits.map(members)),
    ordered(obligations.map(confine)),
  ])
}

const confine = ({ read, write, never }: Confine) => [ordered(read), ordered(write), ordered(never)]

/** A list as a set: sorted, each element once. Texts, since elements are compared by value. */
const ordered = (elements: readonly unknown[]): readonly string[] =>
  [...new Set(elements.map((element) => JSON.stringify(element)))].toSorted()

const members = (value: object) => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
