import { LRUCache } from 'lru-cache'
import type { LogLevel } from '../model/caller.ts'
import type { Subject } from '../model/subject.ts'

export type LogLevels = {
  readonly set: (subject: Subject, level: LogLevel) => void
  readonly of: (subject: Subject) => LogLevel
}

const MAX_SUBJECTS = 10_000

/**
 * `logging/setLevel` of the legacy wire speaks of a session, which there is none of: it is kept for the caller and
 * its client, as long as there is room.
 */
export function createLogLevels(max = MAX_SUBJECTS): LogLevels {
  const levels = new LRUCache<string, LogLevel>({ max })
  return {
    set: (subject, level) => void levels.set(keyOf(subject), level),
    of: (subject) => levels.get(keyOf(subject)) ?? 'info',
  }
}

const keyOf = ({ id, properties: { issuer, tenant, client_id } }: Subject): string =>
  JSON.stringify([issuer, tenant, id, client_id])
