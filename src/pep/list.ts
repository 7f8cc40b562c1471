import type { Target } from '../model/call.ts'
import type { Decided } from '../model/decision.ts'
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

/**
 * Keeps of a list what the subject could call with some arguments, given scopes that its issuer can grant; of a
 * subscription, which reads as it goes, what it may read. The same rules decide both and the call. An item
 * without a usable decision is left out and counted.
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
    else if (isOpen(item, decided) || !enforce) ids.push(item.id)
  }
  return { ids, listed: { asked: items.length, shown: ids.length, indeterminate } }
}

const isOpen = ({ properties }: Resource, { visible, effect }: Exclude<Decided, { effect: 'indeterminate' }>) =>
  properties.arguments === undefined ? visible : effect === 'permit'
