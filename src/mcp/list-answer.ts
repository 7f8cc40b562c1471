import type { ListName } from '../model/call.ts'
import type { JsonObject } from '../model/json.ts'
import { pageOf } from './page.ts'
import type { Answered } from './protocol.ts'

/** A filtered answer is the caller's own, and a policy can change at any time: nobody keeps it. */
export const UNCACHED = { ttlMs: 0, cacheScope: 'private' } as const

const MEMBER: Readonly<Record<ListName, string>> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resource_templates: 'resourceTemplates',
}

const INVALID_CURSOR: Answered = { error: { code: -32602, message: 'Invalid cursor: begin at the first page' } }

/** A page of what policy shows of a list. */
export function listAnswer(
  list: ListName,
  shown: readonly string[],
  cursor: string | undefined,
  listing: (list: ListName, id: string) => JsonObject | undefined,
): Answered {
  const page = pageOf(shown, cursor)
  if (!page.ok) return INVALID_CURSOR
  const { ids, nextCursor } = page.value
  const items = ids.map((id) => listing(list, id)).filter((item) => item !== undefined)
  return { result: { [MEMBER[list]]: items, ...(nextCursor !== undefined && { nextCursor }), ...UNCACHED } }
}
