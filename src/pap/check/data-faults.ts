import type { Json, JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { DATA_FOLDERS } from './structure.ts'

/**
 * What would be wrong in silence at run time: a plan that does not exist, a role without its key in
 * `inherits`, a figure that is no limit, and data where only rules stand.
 */
export function dataFaults(data: JsonObject): readonly PolicyFault[] {
  const mcp = members(data['mcp'])
  return [
    ...Object.keys(mcp).flatMap(placeFaults),
    ...planFaults(members(mcp['roles']), members(mcp['plans'])),
    ...inheritFaults(mcp['roles'], mcp['inherits']),
    ...figureFaults(mcp['plans'] ?? {}, []),
  ]
}

function placeFaults(folder: string): readonly PolicyFault[] {
  if (DATA_FOLDERS.some((name) => name === folder)) return []
  return [
    {
      file: `mcp/${folder}/data.yaml`,
      message: `data at data.mcp.${folder} stands where it would be taken for rules or ignored`,
      remedy: `Keep data in ${DATA_FOLDERS.join(', ')}`,
    },
  ]
}

function planFaults(roles: JsonObject, plans: JsonObject): readonly PolicyFault[] {
  return Object.entries(roles).flatMap(([role, described]) => {
    const { plan } = members(described)
    if (plan === undefined || (typeof plan === 'string' && Object.hasOwn(plans, plan))) return []
    return [
      {
        file: 'mcp/roles/data.yaml',
        message: `role "${role}" names the plan ${JSON.stringify(plan)}, which does not exist`,
        remedy: `Name one of ${Object.keys(plans).join(', ') || 'the plans to be added in mcp/plans/data.yaml'}`,
      },
    ]
  })
}

function inheritFaults(roles: Json | undefined, inherits: Json | undefined): readonly PolicyFault[] {
  if (roles === undefined || inherits === undefined) return []
  const file = 'mcp/inherits/data.yaml'
  const edges = members(inherits)
  const missing = Object.keys(members(roles))
    .filter((role) => !Object.hasOwn(edges, role))
    .map((role) => ({ file, message: `role "${role}" is no key`, remedy: `Add \`${role}: []\`` }))
  const dangling = Object.entries(edges).flatMap(([role, parents]) =>
    (Array.isArray(parents) ? parents : [parents])
      .filter((parent) => typeof parent !== 'string' || !Object.hasOwn(edges, parent))
      .map((parent) => ({
        file,
        message: `role "${role}" inherits ${JSON.stringify(parent)}, which is no role here`,
        remedy: 'Inherit from a list of roles, each a key of this file',
      })),
  )
  return [...missing, ...dangling]
}

function figureFaults(value: Json, place: readonly string[]): readonly PolicyFault[] {
  if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) {
    return [
      {
        file: 'mcp/plans/data.yaml',
        message: `${place.join('.')} is ${value}`,
        remedy: 'A figure of a plan is a finite number from 0 on',
      },
    ]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => figureFaults(inner, [...place, name]))
}

const members = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
