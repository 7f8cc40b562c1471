import { type Json, membersOf } from '../../model/json.ts'
import type { DataFault } from './data-fault.ts'

/** Names that others stand for: roles by inheritance, scopes by implication. Each is a key, even with []. */
export function graphFaults(
  roles: Json | undefined,
  inherits: Json | undefined,
  scopes: Json | undefined,
): readonly DataFault[] {
  return [
    ...(roles === undefined || inherits === undefined ? [] : inheritFaults(roles, inherits)),
    ...(scopes === undefined ? [] : danglingFaults('scopes', scopes, 'scope', 'implies')),
  ]
}

function inheritFaults(roles: Json, inherits: Json): readonly DataFault[] {
  const described = membersOf(roles)
  const edges = membersOf(inherits)
  const fault = (role: string, message: string, remedy: string): DataFault => ({
    check: 'unknown-role',
    folder: 'inherits',
    members: [role],
    message: `role "${role}" ${message}`,
    remedy,
  })
  return [
    ...Object.keys(described)
      .filter((role) => !Object.hasOwn(edges, role))
      .map((role) => fault(role, 'is no key', `Add \`${role}: []\``)),
    // a role without a description of its own is a name for those it inherits; without these it is nothing
    ...Object.entries(edges)
      .filter(([role, parents]) => !Object.hasOwn(described, role) && Array.isArray(parents) && parents.length === 0)
      .map(([role]) => fault(role, 'is described nowhere', 'Describe it in mcp/roles/data.yaml, or remove it')),
    ...danglingFaults('inherits', inherits, 'role', 'inherits'),
  ]
}

function danglingFaults(folder: string, graph: Json, noun: string, verb: string): readonly DataFault[] {
  const edges = membersOf(graph)
  return Object.entries(edges).flatMap(([name, others]) =>
    (Array.isArray(others) ? others : [others]).flatMap((other: Json, index) => {
      if (typeof other === 'string' && Object.hasOwn(edges, other)) return []
      const members = Array.isArray(others) ? [name, String(index)] : [name]
      const message = `${noun} "${name}" ${verb} ${JSON.stringify(other)}, which is no ${noun} here`
      const remedy =
        noun === 'role'
          ? 'Inherit from a list of roles, each a key of this file'
          : 'Imply a list of scopes, each a key of this file'
      return [{ check: `unknown-${noun}`, folder, members, message, remedy }]
    }),
  )
}
