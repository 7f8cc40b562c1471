import { fromCursor, toCursor } from '../lib/cursor.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { PAGE_SIZE } from '../model/described.ts'

export type Page = { readonly ids: readonly string[]; readonly nextCursor?: string }

/**
 * A page of what is shown. The cursor names the last item of the page before, among those that are shown: it tells
 * nothing of what was filtered, and one that names no such item (hidden, unknown or gone) is refused alike.
 */
export function pageOf(shown: readonly string[], cursor: string | undefined, size = PAGE_SIZE): Result<Page, 'cursor'> {
  const last = cursor === undefined ? undefined : fromCursor(cursor)
  const from = last === undefined ? 0 : shown.indexOf(last) + 1
  if (last !== undefined && from === 0) return err('cursor')
  const ids = shown.slice(from, from + size)
  const end = ids.at(-1)
  const more = end !== undefined && from + size < shown.length
  return ok({ ids, ...(more && { nextCursor: toCursor(end) }) })
}
