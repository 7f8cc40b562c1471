import { err, ok, type Result } from '../lib/result.ts'
import { isObject } from '../model/json.ts'
import type { Actor } from '../model/subject.ts'
import type { JsonRecord, TokenFault } from './token.ts'
import { isSubjectId } from './token-claims.ts'

/** A person, an agent, the agents it asked: what is longer is a loop, or nobody can tell who acts. */
const MAX_ACTORS = 5

/**
 * Who acts for the subject (RFC 8693, 4.1), nearest first. Only identities are read: what else an actor claims
 * counts for nothing, and neither does `may_act`, which is for the authorization server. A chain that cannot be
 * read whole is an error, since what is left of it would hide somebody.
 */
export function readActors(claims: JsonRecord, issuer: string): Result<readonly Actor[], TokenFault> {
  const actors: Actor[] = []
  let named = claims
  while (Object.hasOwn(named, 'act')) {
    const act = named['act']
    if (!isObject(act) || actors.length === MAX_ACTORS) return err('malformed_actors')
    const actor = { id: act['sub'], issuer: Object.hasOwn(act, 'iss') ? act['iss'] : issuer }
    if (!Object.hasOwn(act, 'sub') || !isSubjectId(actor.id) || !isSubjectId(actor.issuer)) {
      return err('malformed_actors')
    }
    actors.push({ id: actor.id, issuer: actor.issuer })
    named = act
  }
  return ok(actors)
}
