import { isSegment } from '../../lib/path-segments.ts'
import { type Json, membersOf } from '../../model/json.ts'
import type { DataFault } from './data-fault.ts'

type PrefixFault = Pick<DataFault, 'members' | 'message' | 'remedy'>

const SEGMENTS = 'A prefix is a list of segments, such as [public] or [users, {subject: id}]; [] is the whole workspace'

/** Prefixes of a role by access. A prefix with a segment that cannot be one opens nothing. */
export function prefixFaults(paths: Json): readonly PrefixFault[] {
  return Object.entries(membersOf(paths)).flatMap(([access, prefixes]): readonly PrefixFault[] => {
    if (access !== 'read' && access !== 'write') {
      return [
        {
          members: [access],
          message: `has paths for "${access}"`,
          remedy: 'Name read or write; what may be read may be listed',
        },
      ]
    }
    if (!Array.isArray(prefixes)) {
      return [{ members: [access], message: `has paths.${access} that are no list of prefixes`, remedy: SEGMENTS }]
    }
    return prefixes.flatMap((prefix: Json, index: number): readonly PrefixFault[] =>
      Array.isArray(prefix) && prefix.every(isTemplate)
        ? []
        : [
            {
              members: [access, String(index)],
              message: `has the ${access} prefix ${JSON.stringify(prefix)}`,
              remedy: SEGMENTS,
            },
          ],
    )
  })
}

/** The names that are closed to everyone. */
export function pathFaults(paths: Json | undefined): readonly DataFault[] {
  const { never } = membersOf(paths)
  const fault = (members: readonly string[], message: string): DataFault => ({
    check: 'bad-prefix',
    folder: 'paths',
    members,
    message,
    remedy: 'List names of files and folders, each one segment of a path',
  })
  if (never === undefined) return []
  if (!Array.isArray(never)) return [fault(['never'], 'never is no list')]
  return never.flatMap((name: Json, index: number) =>
    typeof name === 'string' && isSegment(name)
      ? []
      : [fault(['never', String(index)], `${JSON.stringify(name)} is no name`)],
  )
}

function isTemplate(segment: Json): boolean {
  if (typeof segment === 'string') return isSegment(segment)
  const { subject, ...others } = membersOf(segment)
  return subject === 'id' && Object.keys(others).length === 0
}
