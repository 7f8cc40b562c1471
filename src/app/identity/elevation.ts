import { LRUCache } from 'lru-cache'
import type { Elevation } from '../../model/record.ts'
import type { Refusal } from '../../model/refusal.ts'
import type { Subject } from '../../model/subject.ts'

type Walk = { readonly decisionId: string; readonly subject?: Subject }

/** What a record says of the scopes that a caller has gained since one was refused for lack of them. */
export type NoteElevation = (walk: Walk, refusal: Refusal | undefined) => Elevation | undefined

type Lacking = { readonly decisionId: string; readonly scopes: readonly string[] }

/**
 * Ties the first call with more scopes to the refusal that asked for them. A client steps up with another token
 * and nothing else in common, so it is known by its subject; what was refused in another process is not known.
 */
export function createElevations({ max }: { readonly max: number }): NoteElevation {
  const refused = new LRUCache<string, Lacking>({ max })
  return ({ decisionId, subject }, refusal) => {
    if (subject === undefined) return undefined
    const { issuer, tenant, client_id, scopes } = subject.properties
    const caller = JSON.stringify([issuer, tenant, subject.id, client_id])
    if (refusal?.code === 'insufficient_scope') {
      const lacking = refusal.scopes.filter((scope) => !scopes.includes(scope))
      refused.set(caller, { decisionId, scopes: lacking })
      return undefined
    }
    const before = refused.get(caller)
    const gained = before?.scopes.filter((scope) => scopes.includes(scope)) ?? []
    if (before === undefined || gained.length === 0) return undefined
    refused.delete(caller)
    return { refused: before.decisionId, scopes: gained }
  }
}
