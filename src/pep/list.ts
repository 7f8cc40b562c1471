import type { Target } from '../model/call.ts'
import type { Decided } from '../model/decision.ts'
import { type Described, PAGE_SIZE } from '../model/described.ts'
import type { Listed } from '../model/record.ts'
import type { Resource } from '../model/resource.ts'

const ACTIONS: Readonly<Record<string, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  resource_template: 'resources/read',
}

/** What an item of a list is for: who could do that may know of it. */
export const actionOn = ({ type }: Resource): string => ACTIONS[type] ?? type

const LISTS: readonly Target['type'][] = ['tools', 'prompts', 'resources', 'resource_templates', 'subscription']

/** True for what is answered by a choice among many things, each of them decided on. */
export const isList = ({ type }: Target): boolean => LISTS.includes(type)

/** One more than a page, so that it is known whether there is another. */
const ENOUGH = PAGE_SIZE + 1

/**
 * Keeps of a list what the subject could call with some arguments, given scopes that its issuer can grant; of a
 * subscription, which reads as it goes, what it may read. The same rules decide both and the call. An item
 * without a usable decision is left out and counted.
 *
 * However long a list is, no more of it is asked than fills a page. One that comes after an item holds that
 * item too, first: where the subject may not know of it, there is no such page.
 */
export function filterList(
  { items, page }: Pick<Described, 'items' | 'page'>,
  decide: (item: Resource) => Decided,
  enforce: boolean,
): { readonly ids: readonly string[]; readonly listed: Listed } {
  const ids: string[] = []
  const counted = { asked: 0, indeterminate: 0 }
  const isShown = (item: Resource): boolean => {
    counted.asked++
    const decided = decide(item)
    if (decided.effect !== 'indeterminate') return isOpen(item, decided) || !enforce
    counted.indeterminate++
    return false
  }
  const after = page?.after
  if (after !== undefined) {
    const isThere = isShown(after.item) && after.known
    if (!isThere) return { ids, listed: { ...counted, shown: 0 } }
    ids.push(after.item.id)
  }
  const most = page === undefined ? items.length : ids.length + ENOUGH
  for (const item of items) {
    if (ids.length === most) break
    if (isShown(item)) ids.push(item.id)
  }
  return { ids, listed: { ...counted, shown: ids.length } }
}

const isOpen = ({ properties }: Resource, { visible, effect }: Exclude<Decided, { effect: 'indeterminate' }>) =>
  properties.arguments === undefined ? visible : effect === 'permit'
