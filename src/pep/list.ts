import type { Decided } from '../model/decision.ts'
import type { Listed } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'

/**
 * Keeps of a list what the subject could call with some arguments, given scopes that its issuer can grant.
 * The same rules decide list and call. An item without a usable decision is left out and counted.
 */
export function filterList(
  items: readonly Resource[],
  decide: (item: Resource) => Decided,
  enforce: boolean,
): { readonly ids: readonly string[]; readonly listed: Listed } {
  const ids: string[] = []
  let indeterminate = 0
  for (const item of items) {
    const decided = decide(item)
    if (decided.effect === 'indeterminate') indeterminate++
    else if (decided.visible || !enforce) ids.push(item.id)
  }
  return { ids, listed: { asked: items.length, shown: ids.length, indeterminate } }
}
